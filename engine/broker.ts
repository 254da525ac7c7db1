import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqlError } from '../core/diagnostic.ts';
import type { BrokerLink } from '../wire/broker-link.ts';

/** What opening the broker has to say: one sentence. */
export type BrokerNotice = (message: string) => void;

/** The broker of an engine: opened when the first table needs it. */
export class EngineBroker {
  readonly #mode: 'embedded' | undefined;
  readonly #stateDir: string | undefined;
  readonly #onNotice: BrokerNotice | undefined;
  #link: Promise<BrokerLink> | undefined;
  #temporary: string | undefined;
  #unlock: (() => void) | undefined;

  constructor(mode: 'embedded' | undefined, stateDir: string | undefined, onNotice?: BrokerNotice) {
    this.#mode = mode;
    this.#stateDir = stateDir;
    this.#onNotice = onNotice;
  }

  /** Throws E0506 when the engine was made without one, E0504 when its folder cannot be made, E0603 when another engine has it. */
  link(): Promise<BrokerLink> {
    if (this.#mode === undefined) {
      throw new SqlError({ code: 'E0506', message: 'this table needs a Kafka broker, and the engine has none', hint: "Engine.create({ kafka: 'embedded' })  uses Sluice's own broker" });
    }
    this.#link ??= this.#open();
    return this.#link;
  }

  async #open(): Promise<BrokerLink> {
    const [{ EmbeddedBroker }, { syncLogFromEnvironment }] = await Promise.all([import('../broker/embedded-broker.ts'), import('../state/durable-file.ts')]);
    let dir: string;
    if (this.#stateDir === undefined) {
      dir = mkdtempSync(join(tmpdir(), 'sluice-broker-'));
      this.#temporary = dir;
    } else {
      dir = brokerFolder(this.#stateDir);
      const { lockFolder } = await import('./state-lock.ts');
      this.#unlock = await lockFolder(dir);
    }
    return new EmbeddedBroker({ dir, onSync: syncLogFromEnvironment(), onNotice: this.#onNotice });
  }

  async close(): Promise<void> {
    // A broker that could not be opened has told so already.
    const link = await this.#link?.catch(() => undefined);
    try {
      await link?.close();
    } finally {
      this.#unlock?.();
      if (this.#temporary !== undefined) rmSync(this.#temporary, { recursive: true, force: true });
    }
  }
}

/** Where the broker of a state folder keeps its files. */
function brokerFolder(stateDir: string): string {
  return join(stateDir, 'broker');
}

/** A broker that is only looked at. */
export interface ReadingBroker {
  readonly link: BrokerLink;
  close(): Promise<void>;
}

/**
 * The topics of a state folder, to be looked at: no byte of it changes, and no engine gets in before `close`. Undefined when it has none.
 * Throws E0603 when an engine works there.
 */
export async function openForReading(stateDir: string, onNotice: BrokerNotice): Promise<ReadingBroker | undefined> {
  const dir = brokerFolder(stateDir);
  if (!existsSync(dir)) return undefined;
  const [{ EmbeddedBroker }, { shareFolder }] = await Promise.all([import('../broker/embedded-broker.ts'), import('./state-lock.ts')]);
  const unlock = await shareFolder(dir);
  try {
    const link = new EmbeddedBroker({ dir, readOnly: true, onNotice });
    return {
      link,
      close: async () => {
        await link.close();
        unlock();
      },
    };
  } catch (error) {
    unlock();
    throw error;
  }
}
