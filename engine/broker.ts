import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqlError } from '../core/diagnostic.ts';
import type { BrokerLink } from '../wire/broker-link.ts';

/** The broker of an engine: opened when the first table needs it. */
export class EngineBroker {
  readonly #mode: 'embedded' | undefined;
  readonly #stateDir: string | undefined;
  #link: Promise<BrokerLink> | undefined;
  #temporary: string | undefined;
  #unlock: (() => void) | undefined;

  constructor(mode: 'embedded' | undefined, stateDir: string | undefined) {
    this.#mode = mode;
    this.#stateDir = stateDir;
  }

  /** Throws E0506 when the engine was made without one. */
  link(): Promise<BrokerLink> {
    if (this.#mode === undefined) {
      throw new SqlError({ code: 'E0506', message: 'this table needs a Kafka broker, and the engine has none', hint: "Engine.create({ kafka: 'embedded' })  uses Sluice's own broker" });
    }
    this.#link ??= this.#open();
    return this.#link;
  }

  async #open(): Promise<BrokerLink> {
    const [{ EmbeddedBroker }, { syncLogFromEnvironment }] = await Promise.all([import('../broker/embedded-broker.ts'), import('../state/durable-file.ts')]);
    let dir = this.#stateDir === undefined ? undefined : join(this.#stateDir, 'broker');
    if (dir === undefined) {
      this.#temporary = mkdtempSync(join(tmpdir(), 'sluice-broker-'));
      dir = this.#temporary;
    } else {
      const { lockFolder } = await import('./state-lock.ts');
      this.#unlock = await lockFolder(dir);
    }
    return new EmbeddedBroker({ dir, onSync: syncLogFromEnvironment() });
  }

  async close(): Promise<void> {
    // A broker that could not be opened has told so already.
    const link = await this.#link?.catch(() => undefined);
    await link?.close();
    this.#unlock?.();
    if (this.#temporary !== undefined) rmSync(this.#temporary, { recursive: true, force: true });
  }
}
