import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { createServer as createTlsServer } from 'node:tls';
import { Engine } from '../../../engine/engine.ts';
import { addressesOf, addressOf, examine, examineAll } from '../../../repl/doctor/doctor.ts';
import { examineFolder } from '../../../repl/doctor/folder.ts';

const int16 = (...values: readonly number[]): Buffer => Buffer.concat(values.map((value) => { const bytes = Buffer.alloc(2); bytes.writeInt16BE(value); return bytes; }));
const int32 = (...values: readonly number[]): Buffer => Buffer.concat(values.map((value) => { const bytes = Buffer.alloc(4); bytes.writeInt32BE(value); return bytes; }));
const text = (value: string): Buffer => Buffer.concat([int16(value.length), Buffer.from(value)]);

const apiVersions = Buffer.concat([int16(0), int32(2), int16(3, 0, 12), int16(18, 0, 4)]);
/** One broker at `host:port`; topics t with a partition that it leads, and u with one that nobody leads. */
const metadata = (host: string, port: number, leaderOfU: number): Buffer => Buffer.concat([
  int32(1, 7), text(host), int32(port), int16(-1), int32(7, 2),
  int16(0), text('t'), Buffer.from([0]), int32(1), int16(0), int32(0, 7, 1, 7, 1, 7),
  int16(0), text('u'), Buffer.from([0]), int32(1), int16(0), int32(0, leaderOfU, 0, 0),
]);

/** Of nobody, and nowhere else in use. */
const identity = {
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgjGiBEAMrt7deS/7k
JrNt1z/cDJixCsTIwjQ9jCBf9gOhRANCAATNTFVa70Zq0IJ84ZV6tgU+0rroLgtV
6V2Sm9kEb/cv37GZHU+Baa4boILSL6/gxlApSY8nB4j5dRY/HuieBE/4
-----END PRIVATE KEY-----`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBgjCCASmgAwIBAgIUc4VmM2lvHrT9dhaTyR+3RCHZBlYwCgYIKoZIzj0EAwIw
FjEUMBIGA1UEAwwLYnJva2VyLnRlc3QwIBcNMjYxMTIxMjMxMjM3WhgPMjEyNjEw
MjgyMzEyMzdaMBYxFDASBgNVBAMMC2Jyb2tlci50ZXN0MFkwEwYHKoZIzj0CAQYI
KoZIzj0DAQcDQgAEzUxVWu9GatCCfOGVerYFPtK66C4LVeldkpvZBG/3L9+xmR1P
gWmuG6CC0i+v4MZQKUmPJweI+XUWPx7ongRP+KNTMFEwHQYDVR0OBBYEFLBTa/gT
I7t+kbIiLM9eQH08cJy3MB8GA1UdIwQYMBaAFLBTa/gTI7t+kbIiLM9eQH08cJy3
MA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDRwAwRAIgfXZQpAPPTS26T3NX
0i2bAq3D+Bug+m+i3adWQtvdslQCIHGofeukNIKv+5h9S4PJMW/YKEKani5Q4eN3
UYaf2mTL
-----END CERTIFICATE-----`,
};

/** A listener that answers each request by its key: with bytes, or by closing. */
async function listening(answer: (key: number, port: number) => Buffer | 'close', identity?: { readonly key: string; readonly cert: string }): Promise<{ readonly port: number } & Disposable> {
  const sockets = new Set<Socket>();
  const take = (socket: Socket): void => {
    sockets.add(socket);
    socket.on('error', () => {}).on('data', (request) => {
      const given = answer(request.readInt16BE(4), port);
      if (given === 'close') socket.end();
      else socket.write(Buffer.concat([int32(given.length + 4), request.subarray(8, 12), given]));
    });
  };
  const server: Server = identity === undefined ? createServer(take) : createTlsServer(identity, take);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { port, [Symbol.dispose]: () => { for (const socket of sockets) socket.destroy(); server.close(); } };
}

async function examined(port: number, host = '127.0.0.1'): Promise<{ readonly isFine: boolean; readonly lines: string }> {
  const lines: string[] = [];
  const isFine = await examine({ host, port }, (line) => lines.push(line), new AbortController().signal);
  return { isFine, lines: lines.join('\n').replaceAll(String(port), 'PORT') };
}

suite('the doctor of connections', () => {
  test('a broker that answers: every step', async () => {
    using broker = await listening((key, port) => (key === 18 ? apiVersions : metadata('127.0.0.1', port, 7)));
    assert.deepEqual(await examined(broker.port), {
      isFine: true,
      lines: [
        'ok     name      127.0.0.1 is 127.0.0.1',
        'ok     connect   something listens on 127.0.0.1:PORT',
        'ok     kafka     it speaks Kafka: 2 requests',
        'ok     cluster   1 broker: 7 at 127.0.0.1:PORT',
        'ok     brokers   broker 7 is reached at 127.0.0.1:PORT',
        'ok     topics    2 with 2 partitions: t, u',
      ].join('\n'),
    });
  });

  test('what fails is named, with what to do: the advertised address, leaders, a login, another program, nothing', async () => {
    using gone = await listening((key) => (key === 18 ? apiVersions : metadata('kafka.invalid', 9092, 7)));
    assert.match((await examined(gone.port)).lines, /fails {2}brokers {3}broker 7 tells clients to come to kafka\.invalid:9092, and no[a-z]+ [^\n]*kafka\.invalid[^\n]*\n +advertised\.listeners /);
    using unreachable = await listening((key) => (key === 18 ? apiVersions : metadata('127.0.0.1', 1, 7)));
    assert.match((await examined(unreachable.port)).lines, /fails {2}brokers {3}nothing listens on 127\.0\.0\.1:1 \(connection refused\)\n +broker 7 tells clients to come there/);
    using leaderless = await listening((key, port) => (key === 18 ? apiVersions : metadata('127.0.0.1', port, -1)));
    assert.match((await examined(leaderless.port)).lines, /fails {2}topics {4}u \(1 partitions without a leader\)/);
    using locked = await listening((key) => (key === 18 ? apiVersions : key === 17 ? Buffer.concat([int16(33), int32(2), text('PLAIN'), text('SCRAM-SHA-256')]) : 'close'));
    assert.match((await examined(locked.port)).lines, /fails {2}login {5}it wants a login before it says more: PLAIN, SCRAM-SHA-256/);
    using other = await listening(() => 'close');
    assert.match((await examined(other.port)).lines, /fails {2}kafka {5}it closes the connection when Kafka is spoken to it, and speaks no TLS either/);
    const web = createServer((socket) => socket.on('error', () => {}).once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))).listen(0, '127.0.0.1');
    await once(web, 'listening');
    const { port } = web.address() as AddressInfo;
    assert.match((await examined(port)).lines, /fails {2}kafka {5}127\.0\.0\.1:PORT is a web server/);
    web.close();
    await once(web, 'close');
    const refused = await examined(port);
    assert.equal(refused.isFine, false);
    assert.match(refused.lines, /fails {2}connect {3}nothing listens on 127\.0\.0\.1:PORT \(connection refused\)/);
    using cut = await listening(() => int16(0));
    assert.match((await examined(cut.port)).lines, /fails {2}kafka {5}its answer cannot be read/);
    assert.match((await examined(1, 'no-such-host.invalid')).lines, /^fails {2}name {6}no[a-z]+ [^\n]*no-such-host\.invalid/);
  });

  test('a port that asks for TLS is spoken to with it, and the certificate is told', async () => {
    using broker = await listening((key, port) => (key === 18 ? apiVersions : metadata('127.0.0.1', port, 7)), identity);
    const { isFine, lines } = await examined(broker.port);
    assert.match(lines, /ok {5}tls {7}the port asks for it: TLSv1\.\d, certificate of broker\.test until [^\n]+; it is not trusted here \(DEPTH_ZERO_SELF_SIGNED_CERT\)\nok {5}kafka /);
    assert.equal(isFine, true);
  });

  test('a signal ends it while it waits for an answer', async () => {
    const asked = Promise.withResolvers<void>();
    const silent = createServer((socket) => socket.on('error', () => {}).once('data', () => asked.resolve())).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const over = new AbortController();
    const running = examine({ host: '127.0.0.1', port: (silent.address() as AddressInfo).port }, () => {}, over.signal);
    await asked.promise;
    over.abort();
    await assert.rejects(running, { name: 'AbortError' });
    silent.close();
    await once(silent, 'close');
  });

  test('of several, one that fails does not keep from the others', async () => {
    using broker = await listening((key, port) => (key === 18 ? apiVersions : metadata('127.0.0.1', port, 7)));
    const lines: string[] = [];
    const good = { host: '127.0.0.1', port: broker.port };
    const isFine = await examineAll([{ host: '127.0.0.1', port: 1 }, good], (line) => lines.push(line), new AbortController().signal);
    assert.equal(isFine, false);
    assert.deepEqual(lines.filter((line) => /topics|fails|well/.test(line)).map((line) => line.slice(0, 14)), ['fails  connect', 'ok     topics ', '1 of 2 is well']);
    assert.equal(await examineAll([good, good], () => undefined, new AbortController().signal), true);
  });

  test('addresses', () => {
    assert.deepEqual(addressOf('localhost'), { host: 'localhost', port: 9092 });
    assert.deepEqual(addressOf('kafka-1.example:9093'), { host: 'kafka-1.example', port: 9093 });
    assert.deepEqual(addressOf('[::1]:9092'), { host: '::1', port: 9092 });
    const list = [{ host: 'a', port: 1 }, { host: '::1', port: 9092 }, { host: 'c', port: 3 }];
    assert.deepEqual(addressesOf('a:1, [::1] ,sasl_ssl://c:3,'), { addresses: list, wrong: undefined });
    for (const [given, wrong] of [['a:1,b:x', 'b:x'], ['http://a:1', 'http://a:1'], [',', ','], ['', '']]) assert.equal(addressesOf(given ?? '').wrong, wrong);
    for (const none of ['', 'a:b', 'a:0', 'a:70000', 'http://a:1', 'a b', 'a:1,b:2']) assert.equal(addressOf(none), undefined, none);
  });
});

suite('the doctor of a folder', () => {
  test('what is in it, and what cannot be read', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'sluice-doctor-'));
    const engine = await Engine.create({ kafka: 'embedded', stateDir: dir });
    await engine.exec("CREATE TABLE t (a INT) WITH ('connector' = 'kafka', 'topic' = 't', 'format' = 'json')");
    await engine.exec('INSERT INTO t VALUES (1), (2)', { bounded: true });
    const lines = (await examineFolder(engine, dir)).map((line) => line.replace(/[\d,.]+ MiB/g, 'N MiB').replace(dir, 'DIR'));
    assert.deepEqual(lines.filter((line) => !line.includes(' room ')), [
      'ok     folder    DIR can be written, N MiB in it',
      'ok     catalog   2 tables, built-in ones included',
      'ok     broker    embedded: 1 topic, 1 partition, 2 offsets; the first record of each can be read',
      'ok     jobs      none runs',
    ]);
    assert.match((await examineFolder(engine, join(dir, 'none'))).join('\n'), /^ok {5}folder {4}\S+ is not there yet; the first table or job makes it$/);
    await engine.close();
    assert.match((await examineFolder(engine, dir)).join('\n'), /fails {2}broker {4}/);
    rmSync(dir, { recursive: true });
  });
});
