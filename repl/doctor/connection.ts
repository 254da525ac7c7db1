import { connect, type Socket } from 'node:net';
import { connect as connectSecurely, type TLSSocket } from 'node:tls';

/** How long (ms) a step may take. */
export const stepMs = 5000;
/** No answer to these requests is longer, but for clusters of very many topics. */
const maxAnswerBytes = 64 << 20;

/** The other end closed the connection instead of an answer. */
export class Closed extends Error {
  override readonly name = 'Closed';
}

/** What came back is no answer of Kafka's. */
export class NotKafka extends Error {
  override readonly name = 'NotKafka';
  readonly first: Buffer;

  constructor(first: Buffer) {
    super('not Kafka');
    this.first = first;
  }
}

/** Opens a connection. Rejects with what the system says, or when `signal` aborts. */
export function open(host: string, port: number, signal: AbortSignal): Promise<Socket> {
  return opened(connect({ host, port }), 'connect', signal);
}

/** Opens a connection with TLS, whatever the certificate is worth. */
export function openSecurely(host: string, port: number, signal: AbortSignal): Promise<TLSSocket> {
  return opened(connectSecurely({ host, port, rejectUnauthorized: false, ...(/^[\d.]+$|:/.test(host) ? {} : { servername: host }) }), 'secureConnect', signal);
}

async function opened<T extends Socket>(socket: T, event: string, signal: AbortSignal): Promise<T> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(stepMs)]);
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const onAbort = (): void => reject(limit.reason as Error);
  socket.once(event, () => resolve(socket)).once('error', reject).once('close', () => reject(new Closed('closed')));
  limit.addEventListener('abort', onAbort);
  try {
    limit.throwIfAborted();
    return await promise;
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    limit.removeEventListener('abort', onAbort);
    // What breaks later is told by whoever asks next.
    socket.on('error', () => {});
  }
}

/** Sends a request and gives the answer behind its correlation id. Rejects with Closed, NotKafka, or when it takes too long. */
export async function ask(socket: Socket, request: Buffer, signal: AbortSignal): Promise<Buffer> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(stepMs)]);
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const correlation = request.readInt32BE(8);
  let bytes = Buffer.alloc(0);
  const onData = (chunk: Buffer): void => {
    bytes = Buffer.concat([bytes, chunk]);
    if (bytes.length < 8) return;
    const length = bytes.readInt32BE(0);
    if (length < 4 || length > maxAnswerBytes || bytes.readInt32BE(4) !== correlation) reject(new NotKafka(bytes));
    else if (bytes.length >= 4 + length) resolve(bytes.subarray(8, 4 + length));
  };
  const onClose = (): void => reject(bytes.length > 0 ? new NotKafka(bytes) : new Closed('closed'));
  const onAbort = (): void => reject(limit.reason as Error);
  socket.on('data', onData).once('close', onClose);
  limit.addEventListener('abort', onAbort);
  try {
    limit.throwIfAborted();
    if (socket.destroyed) throw new Closed('closed');
    socket.write(request);
    return await promise;
  } finally {
    socket.off('data', onData).off('close', onClose);
    limit.removeEventListener('abort', onAbort);
  }
}
