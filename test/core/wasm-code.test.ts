import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wasmApi } from '../../core/wasm-api.ts';
import { WasmBuilder, type WasmKernel } from '../../core/wasm-code.ts';
import { f32, f64, i32, i64, i8x16, v128, type ValueType, type Wasm } from '../../core/wasm-ops.ts';
import { allocateReachable, Arena, memoryOf } from '../../core/wasm-memory.ts';

function instantiate(kernel: WasmKernel, memories: readonly Uint8Array[], call: Readonly<Record<string, unknown>> = {}): (...args: unknown[]) => unknown {
  const memory = Object.fromEntries(memories.map((bytes, i) => [i, memoryOf(bytes)]));
  return new wasmApi.Instance(kernel.module, { memory, call }).exports['run'] as (...args: unknown[]) => unknown;
}

/** What an expression without operands gives. */
function valueOf(result: ValueType, code: Wasm, memories: readonly Uint8Array[] = [allocateReachable(1)]): unknown {
  const w = new WasmBuilder(memories.map(() => 'bytes'), [], result);
  w.return(code);
  return instantiate(w.compile('value'), memories)();
}

test('constants keep their value at every length', () => {
  for (const value of [0, 1, -1, 63, 64, -64, -65, 127, 128, 8191, -8193, 2 ** 31 - 1, -(2 ** 31)]) assert.equal(valueOf('i32', i32.const(value)), value);
  for (const value of [0n, 63n, 64n, -64n, -65n, 2n ** 32n, 2n ** 62n, 2n ** 63n - 1n, -(2n ** 63n)]) assert.equal(valueOf('i64', i64.const(value)), value);
  assert.equal(valueOf('i64', i64.const(0x8080808080808080n)), BigInt.asIntN(64, 0x8080808080808080n));
});

test('each instruction does what its name says', () => {
  const int = (a: number): Wasm<'i32'> => i32.const(a);
  const long = (a: bigint): Wasm<'i64'> => i64.const(a);
  const ints: [Wasm<'i32'>, number][] = [
    [i32.add(int(7), int(5)), 12], [i32.sub(int(7), int(9)), -2], [i32.and(int(12), int(10)), 8], [i32.or(int(12), int(10)), 14], [i32.xor(int(12), int(10)), 6],
    [i32.shl(int(3), int(2)), 12], [i32.shrU(int(-1), int(28)), 15], [i32.ctz(int(40)), 3], [i32.eqz(int(0)), 1], [i32.eq(int(2), int(2)), 1], [i32.ne(int(2), int(2)), 0],
    [i32.ltS(int(-1), int(1)), 1], [i32.ltU(int(-1), int(1)), 0], [i32.gtS(int(1), int(-1)), 1], [i32.geU(int(-1), int(1)), 1], [i32.wrap(long(0x1_0000_0005n)), 5],
    [i64.eqz(long(0n)), 1], [i64.ne(long(1n), long(2n)), 1], [f64.ne(f64.fromI64(long(1n)), f64.fromI64(long(1n))), 0],
    [i8x16.bitmask(i8x16.ltS(i8x16.splat(0x80), i8x16.splat(0))), 0xffff], [i8x16.bitmask(i8x16.eq(i8x16.splat(1), i8x16.splat(2))), 0],
    [v128.anyTrue(v128.xor(i8x16.splat(1), i8x16.splat(1))), 0], [v128.anyTrue(v128.and(i8x16.splat(3), i8x16.splat(2))), 1], [v128.anyTrue(v128.or(i8x16.splat(0), i8x16.splat(0))), 0],
  ];
  for (const [code, expected] of ints) assert.equal(valueOf('i32', code), expected, code.text);
  const longs: [Wasm<'i64'>, bigint][] = [
    [i64.add(long(7n), long(5n)), 12n], [i64.sub(long(7n), long(9n)), -2n], [i64.mul(long(1n << 40n), long(6n)), 6n << 40n], [i64.and(long(12n), long(10n)), 8n], [i64.or(long(12n), long(10n)), 14n],
    [i64.xor(long(12n), long(10n)), 6n], [i64.shl(long(1n), long(63n)), -(2n ** 63n)], [i64.shrS(long(-8n), long(1n)), -4n], [i64.shrU(long(-1n), long(60n)), 15n], [i64.ctz(long(0n)), 64n],
    [i64.extend(int(-1)), 0xffffffffn], [i64.truncate(f64.neg(f64.fromI64(long(5n)))), -5n],
  ];
  for (const [code, expected] of longs) assert.equal(valueOf('i64', code), expected, code.text);
  assert.equal(valueOf('f64', f64.div(f64.fromI64(long(1n)), f64.fromI64(long(8n)))), 0.125);
});

test('loads and stores reach each memory at any place', () => {
  const records = allocateReachable(1 << 16);
  const columns = allocateReachable(1 << 16);
  records.set([1, 2, 3, 4, 5, 6, 7, 8, 200], 33);
  const w = new WasmBuilder(['records', 'columns'], ['i32'], 'i32');
  const p = w.local('p', 'i32');
  const from = (offset: number) => ({ memory: 0, address: p.get, offset });
  const to = (offset: number) => ({ memory: 1, address: p.get, offset });
  w.line(i64.store(to(1000), i64.load(from(0))));
  w.line(i32.store(to(1008), i32.load(from(1))));
  w.line(i32.store8(to(1012), i32.load8(from(8))));
  w.line(v128.store(to(1016), v128.load(from(0))));
  w.line(f64.store(to(1032), f64.fromI64(i64.const(-3n))));
  w.line(f64.store(to(1040), f64.load(to(1032))));
  w.line(f32.store(to(1048), f32.demote(f64.div(f64.fromI64(i64.const(1n)), f64.fromI64(i64.const(3n))))));
  w.return(p.get);
  assert.equal(instantiate(w.compile('copy'), [records, columns])(33), 33);
  const view = new DataView(columns.buffer, 33);
  assert.equal(view.getBigInt64(1000, true), 0x0807060504030201n);
  assert.equal(view.getInt32(1008, true), 0x05040302);
  assert.deepEqual([...columns.subarray(33 + 1012, 33 + 1013)], [200]);
  assert.deepEqual([...columns.subarray(33 + 1016, 33 + 1025)], [1, 2, 3, 4, 5, 6, 7, 8, 200]);
  assert.deepEqual([view.getFloat64(1032, true), view.getFloat64(1040, true), view.getFloat32(1048, true)], [-3, -3, Math.fround(1 / 3)]);
});

test('loops, branches and calls', () => {
  const w = new WasmBuilder([], ['i32'], 'i32');
  const n = w.local('n', 'i32');
  const sum = w.local('sum', 'i32');
  w.block('done', () => {
    w.loop('next', () => {
      w.leaveIf('done', i32.eqz(n.get));
      w.if(i32.and(n.get, i32.const(1)), () => w.set(sum, i32.add(sum.get, w.call('odd', 'i32', [n.get]))), () => {
        w.if(i32.eq(n.get, i32.const(4)), () => w.leave('done'));
      });
      w.set(n, i32.sub(n.get, i32.const(1)));
      w.leave('next');
    });
  });
  w.return(sum.get);
  const kernel = w.compile('sumOdd');
  const seen: number[] = [];
  const run = instantiate(kernel, [], { odd: (value: number) => seen.push(value) && value * 10 });
  assert.equal(run(9), 210);
  assert.deepEqual(seen, [9, 7, 5]);
  assert.match(kernel.source, /^\(func \$sumOdd \(param \$n i32\) \(result i32\)\n[^]*\(br_if \$done \(i32\.eqz \$n\)\)/);
});

test('an arena gives places that do not overlap, and none that it does not have', () => {
  const arena = new Arena(1 << 16);
  const places = [1, 17, 16, 0, 100].map((bytes) => ({ bytes, ...arena.take(bytes) }));
  for (const [i, { bytes, offset }] of places.entries()) {
    assert.equal(offset % 16, 0);
    assert.ok(offset + bytes <= (places[i + 1]?.offset ?? Infinity));
  }
  assert.throws(() => arena.take(1 << 16), RangeError);
  assert.equal(memoryOf(new Uint8Array(8)), undefined);
  assert.equal(memoryOf(allocateReachable(1).subarray(3)) instanceof wasmApi.Memory, true);
});
