/**
 * The few requests that tell whether a Kafka broker is there, in versions old enough for every broker since 0.10 and with no tagged fields
 * (kafka.apache.org/protocol). An answer is given without its length and correlation id. A broken one throws RangeError.
 */

export interface Broker {
  readonly id: number;
  readonly host: string;
  readonly port: number;
}

export interface TopicFacts {
  readonly name: string;
  readonly isInternal: boolean;
  /** Kafka's error code, 0 for none. */
  readonly error: number;
  readonly partitions: number;
  /** How many partitions have no leader. */
  readonly leaderless: number;
}

const apiVersionsKey = 18;
const metadataKey = 3;
const saslHandshakeKey = 17;
/** The version of Metadata that `metadataRequest` speaks. */
export const metadataVersion = 1;

export function apiVersionsRequest(correlation: number): Buffer {
  return request(apiVersionsKey, 0, correlation, Buffer.alloc(0));
}

/** Asks for all brokers and topics. */
export function metadataRequest(correlation: number): Buffer {
  return request(metadataKey, metadataVersion, correlation, Buffer.from([0xff, 0xff, 0xff, 0xff]));
}

/** Asks for a way of logging in that no broker has: the answer lists those it has. */
export function saslHandshakeRequest(correlation: number): Buffer {
  return request(saslHandshakeKey, 1, correlation, text('?'));
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(2);
  length.writeInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** Length, key, version, correlation id, client id, body. */
function request(key: number, version: number, correlation: number, body: Buffer): Buffer {
  const head = Buffer.alloc(12);
  head.writeInt16BE(key, 4);
  head.writeInt16BE(version, 6);
  head.writeInt32BE(correlation, 8);
  const whole = Buffer.concat([head, text('sluice-doctor'), body]);
  whole.writeInt32BE(whole.length - 4);
  return whole;
}

/** The error code, and for each request the versions that the broker speaks. */
export function readApiVersions(answer: Buffer): { readonly error: number; readonly count: number; readonly metadata: { readonly least: number; readonly most: number } | undefined } {
  const reader = new Reader(answer);
  const error = reader.int16();
  const ranges = reader.array(() => ({ key: reader.int16(), least: reader.int16(), most: reader.int16() }));
  return { error, count: ranges.length, metadata: ranges.find(({ key }) => key === metadataKey) };
}

export function readMetadata(answer: Buffer): { readonly brokers: readonly Broker[]; readonly topics: readonly TopicFacts[] } {
  const reader = new Reader(answer);
  const brokers = reader.array(() => {
    const broker = { id: reader.int32(), host: reader.text(), port: reader.int32() };
    reader.text();
    return broker;
  });
  reader.int32();
  const topics = reader.array(() => {
    const [error, name, isInternal] = [reader.int16(), reader.text(), reader.int8() !== 0];
    const leaders = reader.array(() => {
      reader.int16();
      reader.int32();
      const leader = reader.int32();
      reader.array(() => reader.int32());
      reader.array(() => reader.int32());
      return leader;
    });
    return { name, isInternal, error, partitions: leaders.length, leaderless: leaders.filter((leader) => leader < 0).length };
  });
  return { brokers, topics };
}

/** The ways of logging in that the broker has. */
export function readSaslHandshake(answer: Buffer): readonly string[] {
  const reader = new Reader(answer);
  reader.int16();
  return reader.array(() => reader.text());
}

class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  int8(): number {
    return this.#bytes.readInt8(this.#move(1));
  }

  int16(): number {
    return this.#bytes.readInt16BE(this.#move(2));
  }

  int32(): number {
    return this.#bytes.readInt32BE(this.#move(4));
  }

  /** '' for null. */
  text(): string {
    const length = this.int16();
    const from = this.#move(Math.max(0, length));
    return this.#bytes.toString('utf8', from, this.#at);
  }

  array<T>(element: () => T): T[] {
    const length = this.int32();
    // Each element has a byte at least.
    if (length > this.#bytes.length - this.#at) throw new RangeError('the answer is cut');
    return Array.from({ length: Math.max(0, length) }, element);
  }

  #move(bytes: number): number {
    const from = this.#at;
    this.#at += bytes;
    if (this.#at > this.#bytes.length) throw new RangeError('the answer is cut');
    return from;
  }
}
