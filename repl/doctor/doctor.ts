import { lookup } from 'node:dns/promises';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { ask, Closed, NotKafka, open, openSecurely, stepMs } from './connection.ts';
import { apiVersionsRequest, metadataRequest, metadataVersion, readApiVersions, readMetadata, readSaslHandshake, saslHandshakeRequest } from './kafka-messages.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Kafka's own port. */
const defaultPort = 9092;

/** HOST, HOST:PORT, or [IPv6]:PORT; undefined for what is none. */
export function addressOf(text: string): Address | undefined {
  const [, six, name, port] = /^(?:\[([\da-f:.]+)\]|([^\s:/[\]]+))(?::(\d{1,5}))?$/i.exec(text) ?? [];
  const host = six ?? name;
  const number = port === undefined ? defaultPort : Number(port);
  return host === undefined || number < 1 || number > 65_535 ? undefined : { host, port: number };
}

/**
 * The addresses of a list as `bootstrap.servers` has it: parted by commas, white space around them and empty ones do not count, and each may have the name of
 * a listener's protocol before it (PLAINTEXT://HOST:PORT). `wrong` is the first that is none.
 */
export function addressesOf(text: string): { readonly addresses: readonly Address[]; readonly wrong: string | undefined } {
  const parts = text.split(',').map((part) => part.trim()).filter((part) => part !== '');
  const found = parts.map((part) => addressOf(part.replace(/^(?:SASL_)?(?:PLAINTEXT|SSL):\/\//i, '')));
  const wrong = found.indexOf(undefined);
  if (parts.length === 0) return { addresses: [], wrong: text };
  return { addresses: found.filter((address) => address !== undefined), wrong: parts[wrong] };
}

const shown = ({ host, port }: Address): string => `${host.includes(':') ? `[${host}]` : host}:${port}`;

/** How many topics are named. */
const namedTopics = 20;

/** A step that failed, and what to do about it. */
class Failed extends Error {
  override readonly name = 'Failed';
  readonly step: string;
  readonly advice: readonly string[];

  constructor(step: string, message: string, advice: readonly string[]) {
    super(message);
    this.step = step;
    this.advice = advice;
  }
}

/**
 * Tests each step of connecting to a Kafka broker, tells each as it is done, and ends with the first that fails: the name, the connection, TLS where the port
 * asks for it, Kafka's answer, the cluster, each address that its brokers give out, the topics. Reads only. True when all went well.
 */
export async function examine(address: Address, tell: (line: string) => void, signal: AbortSignal): Promise<boolean> {
  const told = (step: string, text: string): void => tell(`ok     ${step.padEnd(9)} ${text}`);
  const sockets: Socket[] = [];
  try {
    const names = await resolveName(address.host);
    told('name', `${address.host} is ${names.join(', ')}`);
    const connect = async (isSecure: boolean): Promise<Socket> => {
      const socket = isSecure ? await openSecurely(address.host, address.port, signal) : await open(address.host, address.port, signal);
      sockets.push(socket);
      return socket;
    };
    let socket = await connect(false).catch((error: unknown) => {
      throw unconnected('connect', address, error, signal);
    });
    told('connect', `something listens on ${shown(address)}`);
    let isSecure = false;
    let answer: Buffer;
    try {
      answer = await ask(socket, apiVersionsRequest(1), signal);
    } catch (error) {
      if (!(error instanceof Closed) && !(error instanceof NotKafka && isTls(error.first))) throw notKafka(error, address, signal);
      isSecure = true;
      socket = await connect(true).catch(() => {
        signal.throwIfAborted();
        throw new Failed('kafka', 'it closes the connection when Kafka is spoken to it, and speaks no TLS either', ['the port is another program\'s, or something between closes it']);
      });
      told('tls', certificate(socket));
      answer = await ask(socket, apiVersionsRequest(1), signal).catch((failure: unknown) => {
        throw notKafka(failure, address, signal);
      });
    }
    const versions = readApiVersions(answer);
    if (versions.error !== 0) throw new Failed('kafka', `it answers error ${versions.error} to the first request`, ['it is a Kafka older than 0.10, or something in front of one']);
    told('kafka', `it speaks Kafka: ${versions.count} requests`);
    const { metadata } = versions;
    if (metadata !== undefined && (metadata.least > metadataVersion || metadata.most < metadataVersion)) {
      throw new Failed('cluster', `it speaks Metadata in the versions ${metadata.least} to ${metadata.most}, and this test in ${metadataVersion}`, []);
    }
    const cluster = readMetadata(await ask(socket, metadataRequest(2), signal).catch(async (error: unknown) => {
      if (!(error instanceof Closed)) throw notKafka(error, address, signal);
      const ways = await connect(isSecure).then((another) => ask(another, saslHandshakeRequest(3), signal)).then(readSaslHandshake, () => []);
      throw new Failed('login', `it wants a login before it says more${ways.length === 0 ? '' : `: ${ways.join(', ')}`}`, ["'properties.security.protocol' and 'properties.sasl.mechanism' name it where a client has them"]);
    }));
    told('cluster', `${cluster.brokers.length} ${cluster.brokers.length === 1 ? 'broker' : 'brokers'}: ${cluster.brokers.map((broker) => `${broker.id} at ${shown(broker)}`).join(', ')}`);
    for (const broker of cluster.brokers) {
      await resolveName(broker.host, `broker ${broker.id} tells clients to come to ${shown(broker)}, and `, ['advertised.listeners of that broker has to be a name that is known here']);
      const reached = await open(broker.host, broker.port, signal).catch((error: unknown) => {
        throw unconnected('brokers', broker, error, signal, [`broker ${broker.id} tells clients to come there: advertised.listeners of that broker has to be reached from here`]);
      });
      sockets.push(reached);
      told('brokers', `broker ${broker.id} is reached at ${shown(broker)}`);
    }
    const topics = cluster.topics.filter(({ isInternal }) => !isInternal);
    const bad = topics.filter(({ error, leaderless }) => error !== 0 || leaderless > 0);
    const count = topics.reduce((sum, { partitions }) => sum + partitions, 0);
    const list = topics.slice(0, namedTopics).map(({ name }) => name).join(', ') + (topics.length > namedTopics ? `, and ${topics.length - namedTopics} more` : '');
    told('topics', `${topics.length} with ${count} partitions${topics.length === 0 ? '' : `: ${list}`}`);
    if (bad.length > 0) throw new Failed('topics', bad.map(({ name, leaderless }) => `${name} (${leaderless} partitions without a leader)`).join(', '), ['a broker of theirs is away']);
    return true;
  } catch (error) {
    signal.throwIfAborted();
    const failed = error instanceof Failed ? error : new Failed('kafka', error instanceof RangeError ? 'its answer cannot be read: it is none of Kafka\'s' : String(error), []);
    tell(`fails  ${failed.step.padEnd(9)} ${failed.message}`);
    for (const line of failed.advice) tell(`                 ${line}`);
    return false;
  } finally {
    for (const socket of sockets) socket.destroy();
  }
}

/** The same for each of a list, one after the other, with its name above where there are several. True when all went well at all of them. */
export async function examineAll(addresses: readonly Address[], tell: (line: string) => void, signal: AbortSignal): Promise<boolean> {
  const failed: string[] = [];
  for (const address of addresses) {
    if (addresses.length > 1) tell(`${shown(address)}:`);
    if (!(await examine(address, tell, signal))) failed.push(shown(address));
  }
  const fine = addresses.length - failed.length;
  if (addresses.length > 1 && failed.length > 0) tell(fine === 0 ? `none of the ${addresses.length} is well` : `${fine} of ${addresses.length} ${fine === 1 ? 'is' : 'are'} well: a client that is given all of them begins at one that answers; not at ${failed.join(', ')}`);
  return failed.length === 0;
}

async function resolveName(host: string, before = '', advice: readonly string[] = ['look for a slip in the name; inside Docker a service has its name only in the network of its own']): Promise<string[]> {
  try {
    return [...new Set((await lookup(host, { all: true })).map(({ address }) => address))];
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Failed(before === '' ? 'name' : 'brokers', `${before}${code === 'EAI_AGAIN' ? `nothing answers who ${host} is` : `nobody knows the name ${host}`}`, advice);
  }
}

function unconnected(step: string, address: Address, error: unknown, signal: AbortSignal, advice?: readonly string[]): unknown {
  if (signal.aborted) return signal.reason;
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ECONNREFUSED') return new Failed(step, `nothing listens on ${shown(address)} (connection refused)`, advice ?? ['start it, or look for its port: a Kafka listens on 9092 unless it was told otherwise']);
  if (code === 'EHOSTUNREACH' || code === 'ENETUNREACH') return new Failed(step, `no way leads to ${shown(address)} (${code})`, advice ?? ['a network or a VPN is missing']);
  if (code === undefined) return new Failed(step, `nothing answers on ${shown(address)} within ${stepMs / 1000} s`, advice ?? ['a firewall drops what is sent there, or the host is away']);
  return new Failed(step, `${shown(address)} cannot be reached (${code})`, advice ?? []);
}

function notKafka(error: unknown, address: Address, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  if (error instanceof NotKafka && error.first.toString('latin1', 0, 5) === 'HTTP/') return new Failed('kafka', `${shown(address)} is a web server`, ['a REST proxy or a console stands there; Kafka itself has another port']);
  if (error instanceof NotKafka) return new Failed('kafka', `${shown(address)} answers, and not as Kafka does`, ['the port is another program\'s']);
  if (error instanceof Closed) return new Failed('kafka', 'it closes the connection when Kafka is spoken to it', ['the port is another program\'s, or it wants certificates of its clients']);
  return new Failed('kafka', `it takes the connection, and says nothing within ${stepMs / 1000} s`, ['the port is another program\'s, or the broker is overloaded or still starting']);
}

/** An alert of TLS: what is spoken there is not in the clear. */
function isTls(bytes: Buffer): boolean {
  return bytes[0] === 0x15 && bytes[1] === 0x03;
}

function certificate(socket: Socket): string {
  if (!(socket instanceof TLSSocket)) return '';
  const { subject, valid_to: until } = socket.getPeerCertificate();
  const name = [subject?.CN ?? []].flat().join(', ');
  return `the port asks for it: ${socket.getProtocol() ?? 'TLS'}, certificate of ${name === '' ? 'no name' : name} until ${until ?? '?'}${socket.authorized ? '' : `; it is not trusted here (${String(socket.authorizationError)})`}`;
}
