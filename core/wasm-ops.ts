/**
 * WebAssembly instructions as values: each knows its bytes (operands first) and its text in the folded form that EXPLAIN prints.
 * Source of names and numbers: WebAssembly Core Specification 3.0, 5.4 and 6.5.
 */
export type ValueType = 'i32' | 'i64' | 'f32' | 'f64' | 'v128';

export class Wasm<T extends ValueType | 'none' = ValueType | 'none'> {
  readonly type: T;
  readonly bytes: readonly number[];
  readonly text: string;

  constructor(type: T, bytes: readonly number[], text: string) {
    this.type = type;
    this.bytes = bytes;
    this.text = text;
  }
}

type I32 = Wasm<'i32'>;
type I64 = Wasm<'i64'>;
type V128 = Wasm<'v128'>;

/** An unsigned number in LEB128. */
export function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.push((rest % 128) | (rest >= 128 ? 128 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return bytes;
}

/** A signed number in LEB128. */
function signed(value: bigint): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (;;) {
    const low = Number(rest & 127n);
    rest >>= 7n;
    if ((rest === 0n && low < 64) || (rest === -1n && low >= 64)) return [...bytes, low];
    bytes.push(low | 128);
  }
}

/** Instructions of the vector set have a prefix and a number in LEB128. */
const vector = (code: number): number[] => [0xfd, ...unsigned(code)];

function instruction<T extends ValueType | 'none'>(type: T, name: string, code: readonly number[], operands: readonly Wasm[], immediate = ''): Wasm<T> {
  const bytes = [...operands.flatMap((operand) => operand.bytes), ...code];
  return new Wasm(type, bytes, `(${[name, ...(immediate === '' ? [] : [immediate]), ...operands.map((operand) => operand.text)].join(' ')})`);
}

const unary = <A extends ValueType, T extends ValueType>(type: T, name: string, code: readonly number[]) => (a: Wasm<A>): Wasm<T> => instruction(type, name, code, [a]);
const binary = <A extends ValueType, T extends ValueType>(type: T, name: string, code: readonly number[]) => (a: Wasm<A>, b: Wasm<A>): Wasm<T> => instruction(type, name, code, [a, b]);

/** Which memory, and where in it: `address` plus `offset` bytes. Nothing needs to be aligned. */
export interface Place {
  readonly memory: number;
  readonly address: I32;
  readonly offset: number;
}

function memoryArgument({ memory, offset }: Place): number[] {
  return memory === 0 ? [0, ...unsigned(offset)] : [0x40, ...unsigned(memory), ...unsigned(offset)];
}

const placeText = ({ memory, offset }: Place): string => [...(memory === 0 ? [] : [String(memory)]), ...(offset === 0 ? [] : [`offset=${offset}`])].join(' ');

function load<T extends ValueType>(type: T, name: string, code: readonly number[]) {
  return (place: Place): Wasm<T> => instruction(type, name, [...code, ...memoryArgument(place)], [place.address], placeText(place));
}

function store<T extends ValueType>(name: string, code: readonly number[]) {
  return (place: Place, value: Wasm<T>): Wasm<'none'> => instruction('none', name, [...code, ...memoryArgument(place)], [place.address, value], placeText(place));
}

export const i32 = {
  const: (value: number): I32 => instruction('i32', 'i32.const', [0x41, ...signed(BigInt(value))], [], String(value)),
  load8: load('i32', 'i32.load8_u', [0x2d]),
  load: load('i32', 'i32.load', [0x28]),
  store8: store<'i32'>('i32.store8', [0x3a]),
  store: store<'i32'>('i32.store', [0x36]),
  eqz: unary<'i32', 'i32'>('i32', 'i32.eqz', [0x45]),
  eq: binary<'i32', 'i32'>('i32', 'i32.eq', [0x46]),
  ne: binary<'i32', 'i32'>('i32', 'i32.ne', [0x47]),
  ltS: binary<'i32', 'i32'>('i32', 'i32.lt_s', [0x48]),
  ltU: binary<'i32', 'i32'>('i32', 'i32.lt_u', [0x49]),
  gtS: binary<'i32', 'i32'>('i32', 'i32.gt_s', [0x4a]),
  geU: binary<'i32', 'i32'>('i32', 'i32.ge_u', [0x4f]),
  ctz: unary<'i32', 'i32'>('i32', 'i32.ctz', [0x68]),
  add: binary<'i32', 'i32'>('i32', 'i32.add', [0x6a]),
  sub: binary<'i32', 'i32'>('i32', 'i32.sub', [0x6b]),
  mul: binary<'i32', 'i32'>('i32', 'i32.mul', [0x6c]),
  and: binary<'i32', 'i32'>('i32', 'i32.and', [0x71]),
  or: binary<'i32', 'i32'>('i32', 'i32.or', [0x72]),
  xor: binary<'i32', 'i32'>('i32', 'i32.xor', [0x73]),
  shl: binary<'i32', 'i32'>('i32', 'i32.shl', [0x74]),
  shrU: binary<'i32', 'i32'>('i32', 'i32.shr_u', [0x76]),
  wrap: unary<'i64', 'i32'>('i32', 'i32.wrap_i64', [0xa7]),
};

export const i64 = {
  const: (value: bigint): I64 => instruction('i64', 'i64.const', [0x42, ...signed(BigInt.asIntN(64, value))], [], `0x${BigInt.asUintN(64, value).toString(16)}`),
  load: load('i64', 'i64.load', [0x29]),
  store: store<'i64'>('i64.store', [0x37]),
  eqz: unary<'i64', 'i32'>('i32', 'i64.eqz', [0x50]),
  ne: binary<'i64', 'i32'>('i32', 'i64.ne', [0x52]),
  ltU: binary<'i64', 'i32'>('i32', 'i64.lt_u', [0x54]),
  ctz: unary<'i64', 'i64'>('i64', 'i64.ctz', [0x7a]),
  add: binary<'i64', 'i64'>('i64', 'i64.add', [0x7c]),
  sub: binary<'i64', 'i64'>('i64', 'i64.sub', [0x7d]),
  mul: binary<'i64', 'i64'>('i64', 'i64.mul', [0x7e]),
  divU: binary<'i64', 'i64'>('i64', 'i64.div_u', [0x80]),
  remS: binary<'i64', 'i64'>('i64', 'i64.rem_s', [0x81]),
  and: binary<'i64', 'i64'>('i64', 'i64.and', [0x83]),
  or: binary<'i64', 'i64'>('i64', 'i64.or', [0x84]),
  xor: binary<'i64', 'i64'>('i64', 'i64.xor', [0x85]),
  shl: binary<'i64', 'i64'>('i64', 'i64.shl', [0x86]),
  shrS: binary<'i64', 'i64'>('i64', 'i64.shr_s', [0x87]),
  shrU: binary<'i64', 'i64'>('i64', 'i64.shr_u', [0x88]),
  extend: unary<'i32', 'i64'>('i64', 'i64.extend_i32_u', [0xad]),
  extendSigned: unary<'i32', 'i64'>('i64', 'i64.extend_i32_s', [0xac]),
  truncate: unary<'f64', 'i64'>('i64', 'i64.trunc_f64_s', [0xb0]),
};

export const f64 = {
  load: load('f64', 'f64.load', [0x2b]),
  store: store<'f64'>('f64.store', [0x39]),
  ne: binary<'f64', 'i32'>('i32', 'f64.ne', [0x62]),
  neg: unary<'f64', 'f64'>('f64', 'f64.neg', [0x9a]),
  div: binary<'f64', 'f64'>('f64', 'f64.div', [0xa3]),
  fromI64: unary<'i64', 'f64'>('f64', 'f64.convert_i64_s', [0xb9]),
};

export const f32 = {
  store: store<'f32'>('f32.store', [0x38]),
  /** Rounded to the nearest, as a Float32Array does. */
  demote: unary<'f64', 'f32'>('f32', 'f32.demote_f64', [0xb6]),
};

export const v128 = {
  load: load('v128', 'v128.load', vector(0)),
  store: store<'v128'>('v128.store', vector(11)),
  and: binary<'v128', 'v128'>('v128', 'v128.and', vector(78)),
  or: binary<'v128', 'v128'>('v128', 'v128.or', vector(80)),
  xor: binary<'v128', 'v128'>('v128', 'v128.xor', vector(81)),
  anyTrue: unary<'v128', 'i32'>('i32', 'v128.any_true', vector(83)),
};

/** Sixteen bytes, each on its own. */
export const i8x16 = {
  splat: (value: number): V128 => instruction('v128', 'i8x16.splat', vector(15), [i32.const(value)]),
  eq: binary<'v128', 'v128'>('v128', 'i8x16.eq', vector(35)),
  ltS: binary<'v128', 'v128'>('v128', 'i8x16.lt_s', vector(37)),
  ltU: binary<'v128', 'v128'>('v128', 'i8x16.lt_u', vector(38)),
  bitmask: unary<'v128', 'i32'>('i32', 'i8x16.bitmask', vector(100)),
};
