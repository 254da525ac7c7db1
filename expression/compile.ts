import { unreachable } from '../core/assert.ts';
import { js, joinJs, type CodeBuilder, type Js } from '../core/code.ts';
import { SqlError } from '../core/diagnostic.ts';
import { printType, sameType, type SqlType } from '../core/sql-type.ts';
import { canCast, emitCast } from '../functions/cast.ts';
import { assign, classOf, declare, load, maxSmall, zero, type Operand, type OperandOf, type Place, type Value } from '../functions/operand.ts';
import { scalarOverload } from '../functions/registry.ts';
import type { BoundExpr } from './bound-expr.ts';

const utf8 = new TextEncoder();

/** Where an expression's columns are: the arrays and the row, and the name of the null flags (undefined in the version without NULLs). */
export interface ColumnSource {
  place(column: number): Place;
  nulls(column: number): Js | undefined;
}

/** Compiles expressions over one input into the lines of one function. A column is read once per row, where it is first needed. */
export class ExpressionCompiler {
  readonly code: CodeBuilder;
  readonly #source: ColumnSource;
  readonly #heap: Js;
  readonly #loaded = new Map<number, Value>();
  #depth = 0;

  /** `heap` names the kernel's ByteHeap. */
  constructor(code: CodeBuilder, source: ColumnSource, heap: Js) {
    this.code = code;
    this.#source = source;
    this.#heap = heap;
  }

  /** Reads the columns now, so that what follows can use them in any branch. */
  preload(columns: Iterable<number>, types: readonly SqlType[]): void {
    for (const column of columns) this.#column(column, types[column] ?? { kind: 'NULL', nullable: true });
  }

  #column(index: number, type: SqlType): Value {
    const known = this.#loaded.get(index);
    if (known !== undefined) return known;
    const nulls = this.#source.nulls(index);
    const place = this.#source.place(index);
    const isNull = nulls === undefined ? undefined : this.code.define('n', js`${nulls}[${place.index}] === 1`);
    const value: Value = { operand: load(this.code, place, type), isNull };
    // Inside a branch the constants end with it.
    if (this.#depth === 0) this.#loaded.set(index, value);
    return value;
  }

  compile(expr: BoundExpr): Value {
    switch (expr.kind) {
      case 'column':
        return this.#column(expr.index, expr.type);
      case 'literal':
        return this.#literal(expr);
      case 'call':
        return this.#call(expr);
      case 'cast':
        return this.#cast(expr);
      case 'field':
        throw notHeld(expr.operand.type);
      case 'logic':
        return this.#logic(expr);
      case 'not': {
        const { operand, isNull } = this.compile(expr.operand);
        return { operand: { class: 'bool', value: this.code.define('b', js`!${boolOf(operand)}`) }, isNull };
      }
      case 'is':
        return this.#is(expr);
      case 'case':
        return this.#case(expr);
      default:
        return unreachable(expr);
    }
  }

  /** The condition of a filter: NULL counts as false. */
  condition(expr: BoundExpr): Js {
    const { operand, isNull } = this.compile(expr);
    return isNull === undefined ? boolOf(operand) : js`!${isNull} && ${boolOf(operand)}`;
  }

  #literal(expr: Extract<BoundExpr, { kind: 'literal' }>): Value {
    const { value, type } = expr;
    const of = classOf(type);
    if (of === undefined) throw notHeld(type);
    if (value === null) return { operand: zero(this.code, of), isNull: js`true` };
    const text = String(value);
    switch (of) {
      case 'bool':
        return known({ class: of, value: js`${value === true}` });
      case 'int':
      case 'double':
      case 'time':
        return known({ class: of, value: js`${Number(text)}` });
      case 'bigint':
        return known({ class: of, value: js`${BigInt(text)}` });
      case 'decimal': {
        const unscaled = BigInt(text);
        const isSmall = unscaled <= BigInt(maxSmall) && unscaled >= -BigInt(maxSmall);
        return known({ class: of, small: js`${isSmall ? Number(unscaled) : 0}`, isSmall: isSmall ? undefined : js`false`, big: js`${isSmall ? 0n : unscaled}` });
      }
      case 'bytes': {
        const bytes = utf8.encode(text);
        const padded = new Uint8Array(bytes.length + 8);
        padded.set(bytes);
        return known({ class: of, heap: this.code.use(padded, 'text'), offset: js`0`, length: js`${bytes.length}` });
      }
      default:
        return unreachable(of);
    }
  }

  /** A call that is NULL when an argument is: the arguments, then the value only where none is NULL. */
  #call(expr: Extract<BoundExpr, { kind: 'call' }>): Value {
    const { code } = this;
    const overload = scalarOverload(expr.name, expr.overload, expr.version);
    const args = expr.args.map((arg) => this.compile(arg));
    const nulls = args.map((arg) => arg.isNull).filter((isNull): isNull is Js => isNull !== undefined);
    const emit = (): Value => overload.emit(code, args.map((arg) => arg.operand), { args: expr.args.map((arg) => arg.type), result: expr.type, heap: this.#heap });
    if (nulls.length === 0) return emit();
    return this.#unless(joinJs(nulls, ' || '), expr.type, emit);
  }

  /** The value of `emit` where `isNull` is false, and NULL elsewhere. */
  #unless(isNull: Js, type: SqlType, emit: () => Value): Value {
    const { code } = this;
    const of = classOf(type);
    if (of === undefined) throw notHeld(type);
    const result = declare(code, of);
    const resultNull = code.name('n');
    code.line(js`let ${resultNull} = ${isNull};`);
    this.#depth++;
    code.block(js`if (!${resultNull})`, () => {
      const value = emit();
      if (value.isNull === undefined) assign(code, result, value.operand);
      else code.either(value.isNull, () => code.line(js`${resultNull} = true;`), () => assign(code, result, value.operand));
    });
    this.#depth--;
    return { operand: result, isNull: resultNull };
  }

  #cast(expr: Extract<BoundExpr, { kind: 'cast' }>): Value {
    const from = expr.operand.type;
    const value = this.compile(expr.operand);
    if (from.kind === 'NULL') {
      const of = classOf(expr.type);
      if (of === undefined) throw notHeld(expr.type);
      return { operand: zero(this.code, of), isNull: js`true` };
    }
    if (sameType(from, expr.type)) return value;
    if (!canCast(from, expr.type)) throw new SqlError({ code: 'E0002', message: `not supported yet: CAST of ${printType(from)} to ${printType(expr.type)}`, span: expr.span });
    const emit = (): Value => emitCast(this.code, value.operand, from, expr.type, this.#heap);
    return value.isNull === undefined ? emit() : this.#unless(value.isNull, expr.type, emit);
  }

  /** Three-valued AND and OR; a later argument is only computed while the result is open. */
  #logic(expr: Extract<BoundExpr, { kind: 'logic' }>): Value {
    const { code } = this;
    const isAnd = expr.operator === 'AND';
    const result = code.name('b');
    const unknown = code.name('n');
    code.line(js`let ${result} = ${isAnd}, ${unknown} = false;`);
    let canBeNull = false;
    this.#depth++;
    for (const [i, arg] of expr.args.entries()) {
      const step = (): void => {
        const { operand, isNull } = this.compile(arg);
        if (isNull !== undefined) {
          canBeNull = true;
          code.line(js`if (${isNull}) ${unknown} = true;`);
          code.line(js`else if (${isAnd ? js`!` : js``}${boolOf(operand)}) { ${result} = ${!isAnd}; ${unknown} = false; }`);
        } else {
          code.line(js`if (${isAnd ? js`!` : js``}${boolOf(operand)}) { ${result} = ${!isAnd}; ${unknown} = false; }`);
        }
      };
      if (i === 0) code.block(js``, step);
      else code.block(js`if (${isAnd ? result : js`!${result}`})`, step);
    }
    this.#depth--;
    return { operand: { class: 'bool', value: result }, isNull: canBeNull ? unknown : undefined };
  }

  #is(expr: Extract<BoundExpr, { kind: 'is' }>): Value {
    const { operand, isNull } = this.compile(expr.operand);
    let test: Js;
    if (expr.test === 'NULL') test = isNull ?? js`false`;
    else {
      const truth = expr.test === 'TRUE' ? boolOf(operand) : js`!${boolOf(operand)}`;
      test = isNull === undefined ? truth : js`(!${isNull} && ${truth})`;
    }
    return known({ class: 'bool', value: this.code.define('b', expr.negated ? js`!${test}` : test) });
  }

  #case(expr: Extract<BoundExpr, { kind: 'case' }>): Value {
    const { code } = this;
    const of = classOf(expr.type);
    if (of === undefined) throw notHeld(expr.type);
    const result = declare(code, of);
    const isNull = code.name('n');
    code.line(js`let ${isNull} = false;`);
    this.#depth++;
    const take = (value: Value): void => {
      assign(code, result, value.operand);
      if (value.isNull !== undefined) code.line(js`${isNull} = ${value.isNull};`);
    };
    const chain = (i: number): void => {
      const branch = expr.branches[i];
      if (branch === undefined) {
        take(this.compile(expr.otherwise));
        return;
      }
      const test = this.condition(branch.when);
      code.either(test, () => take(this.compile(branch.then)), () => chain(i + 1));
    };
    code.block(js``, () => chain(0));
    this.#depth--;
    return { operand: result, isNull };
  }
}

function known(operand: Operand): Value {
  return { operand, isNull: undefined };
}

function boolOf(operand: Operand): Js {
  return (operand as OperandOf<'bool'>).value;
}

function notHeld(type: SqlType): SqlError {
  return new SqlError({ code: 'E0002', message: `not supported yet: ${printType(type)} in an expression` });
}

