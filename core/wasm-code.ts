import { wasmApi, type WasmModule } from './wasm-api.ts';
import { unsigned, Wasm, type ValueType } from './wasm-ops.ts';

const typeCodes: Readonly<Record<ValueType, number>> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b };
/** The type of a block that leaves nothing behind. */
const noResult = 0x40;

export interface Local<T extends ValueType = ValueType> {
  readonly name: string;
  readonly index: number;
  readonly type: T;
  readonly get: Wasm<T>;
}

interface Signature {
  readonly parameters: readonly ValueType[];
  readonly result: ValueType | undefined;
}

interface Callee extends Signature {
  readonly name: string;
}

/** A compiled function: `run` is its export, once an instance has its memories and the functions that it calls. */
export interface WasmKernel {
  readonly module: WasmModule;
  /** In WebAssembly's text format: what EXPLAIN prints. */
  readonly source: string;
}

/**
 * One WebAssembly function under construction, as core/code.ts is for JavaScript: locals, lines in order, and the functions of the
 * program that it calls. A module imports its memories as `memory.0`, `memory.1`.. and its functions as `call.NAME`, and exports `run`.
 *
 * It is for loops over bytes: sixteen at a time, integers of 64 bits, unaligned reads, and machine code that is never thrown away.
 */
export class WasmBuilder {
  readonly #memories: readonly string[];
  readonly #parameters: readonly ValueType[];
  readonly #result: ValueType;
  readonly #locals: Local[] = [];
  readonly #callees: Callee[] = [];
  readonly #labels: string[] = [];
  readonly #bytes: number[] = [];
  readonly #lines: string[] = [];

  /** `memories` names them for the text. The parameters are the first locals: declare them with `local`, in order, before others. */
  constructor(memories: readonly string[], parameters: readonly ValueType[], result: ValueType) {
    this.#memories = memories;
    this.#parameters = parameters;
    this.#result = result;
  }

  /** A local variable, 0 at the function's start unless it is a parameter. */
  local<T extends ValueType>(name: string, type: T): Local<T> {
    const index = this.#locals.length;
    const local: Local<T> = { name, index, type, get: new Wasm(type, [0x20, ...unsigned(index)], `$${name}`) };
    this.#locals.push(local);
    return local;
  }

  set<T extends ValueType>(local: Local<T>, value: Wasm<T>): void {
    this.#emit([...value.bytes, 0x21, ...unsigned(local.index)], `(local.set $${local.name} ${value.text})`);
  }

  line(code: Wasm<'none'>): void {
    this.#emit(code.bytes, code.text);
  }

  /** What `body` writes; `leave(label)` goes behind it. */
  block(label: string, body: () => void): void {
    this.#nest([0x02, noResult], label, `(block $${label}`, body);
  }

  /** What `body` writes; `leave(label)` goes back to its start. */
  loop(label: string, body: () => void): void {
    this.#nest([0x03, noResult], label, `(loop $${label}`, body);
  }

  if(test: Wasm<'i32'>, yes: () => void, no?: () => void): void {
    this.#emit([...test.bytes, 0x04, noResult], `(if ${test.text} (then`);
    this.#labels.push('');
    yes();
    if (no !== undefined) {
      this.#labels.pop();
      this.#emit([0x05], ') (else');
      this.#labels.push('');
      no();
    }
    this.#labels.pop();
    this.#emit([0x0b], '))');
  }

  leave(label: string): void {
    this.#emit([0x0c, ...unsigned(this.#depth(label))], `(br $${label})`);
  }

  leaveIf(label: string, test: Wasm<'i32'>): void {
    this.#emit([...test.bytes, 0x0d, ...unsigned(this.#depth(label))], `(br_if $${label} ${test.text})`);
  }

  return(value: Wasm): void {
    this.#emit([...value.bytes, 0x0f], `(return ${value.text})`);
  }

  /** A call of a function of the program, by the name under which an instance gets it. Every call of a name has the same types. */
  call<T extends ValueType>(name: string, result: T, args: readonly Wasm<ValueType>[]): Wasm<T> {
    let index = this.#callees.findIndex((callee) => callee.name === name);
    if (index < 0) index = this.#callees.push({ name, parameters: args.map((arg) => arg.type), result }) - 1;
    return new Wasm(result, [...args.flatMap((arg) => arg.bytes), 0x10, ...unsigned(index)], `(call $${[name, ...args.map((arg) => arg.text)].join(' ')})`);
  }

  compile(name: string): WasmKernel {
    const signatures: Signature[] = [{ parameters: this.#parameters, result: this.#result }, ...this.#callees];
    const locals = this.#locals.slice(this.#parameters.length);
    const body = [...list(locals.map(({ type }) => [1, typeCodes[type]])), ...this.#bytes, 0x00, 0x0b];
    const imports = [
      ...this.#memories.map((_, i) => [...text('memory'), ...text(String(i)), 0x02, 0x00, 0x00]),
      ...this.#callees.map((callee, i) => [...text('call'), ...text(callee.name), 0x00, ...unsigned(i + 1)]),
    ];
    const bytes = [
      0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00,
      ...section(1, list(signatures.map(({ parameters, result }) => [0x60, ...list(parameters.map((type) => [typeCodes[type]])), ...list(result === undefined ? [] : [[typeCodes[result]]])]))),
      ...section(2, list(imports)),
      ...section(3, list([[0]])),
      ...section(7, list([[...text('run'), 0x00, ...unsigned(this.#callees.length)]])),
      ...section(10, list([[...unsigned(body.length), ...body]])),
      // The function's name, for profiles.
      ...section(0, [...text('name'), ...section(1, list([[...unsigned(this.#callees.length), ...text(name)]]))]),
    ];
    return { module: new wasmApi.Module(Uint8Array.from(bytes)), source: this.#source(name) };
  }

  #source(name: string): string {
    const memories = this.#memories.map((memory, i) => `  ;; memory ${i}: ${memory}`);
    const parameters = this.#locals.slice(0, this.#parameters.length).map((local) => ` (param $${local.name} ${local.type})`);
    const locals = this.#locals.slice(this.#parameters.length).map((local) => ` (local $${local.name} ${local.type})`);
    return [`(func $${name}${parameters.join('')} (result ${this.#result})`, ...memories, ` ${locals.join('')}`, ...this.#lines, '  (unreachable))'].join('\n');
  }

  #emit(bytes: readonly number[], line: string): void {
    for (const byte of bytes) this.#bytes.push(byte);
    this.#lines.push('  '.repeat(this.#labels.length + 1) + line);
  }

  #nest(head: readonly number[], label: string, line: string, body: () => void): void {
    this.#emit(head, line);
    this.#labels.push(label);
    body();
    this.#labels.pop();
    this.#emit([0x0b], ')');
  }

  #depth(label: string): number {
    return this.#labels.length - 1 - this.#labels.lastIndexOf(label);
  }
}

function list(items: readonly (readonly number[])[]): number[] {
  return [...unsigned(items.length), ...items.flat()];
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...unsigned(content.length), ...content];
}

function text(value: string): number[] {
  const bytes = new TextEncoder().encode(value);
  return [...unsigned(bytes.length), ...bytes];
}
