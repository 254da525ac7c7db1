import { unreachable } from '../core/assert.ts';
import type { StepClock } from '../core/clock.ts';
import { js, joinJs, type CodeBuilder, type Js } from '../core/code.ts';
import { SqlError } from '../core/diagnostic.ts';
import { printType, sameType, type SqlType } from '../core/sql-type.ts';
import { emitCast } from '../functions/cast.ts';
import { canCast } from '../functions/cast-rules.ts';
import type { CallTypes } from '../functions/definition.ts';
import { assign, classOf, declare, load, zero, type Operand, type OperandOf, type Place, type Value } from '../functions/operand.ts';
import { scalarOverload } from '../functions/registry.ts';
import { emitField } from '../functions/structured.ts';
import type { BoundExpr } from './bound-expr.ts';
import { firstOf, type Outer } from './first-part.ts';
import { emitLiteral, known, literalText, notHeld } from './literal-code.ts';
import { sharedCalls, type SharedCall } from './shared-calls.ts';

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
  readonly #mark: ((expr: BoundExpr) => void) | undefined;
  readonly #clock: StepClock | undefined;
  readonly #watermark: Js | undefined;
  #shared: ReadonlyMap<BoundExpr, SharedCall> = new Map();
  readonly #kept = new Map<SharedCall, KeptCall>();
  #depth = 0;

  /** `heap` names the kernel's ByteHeap. `clock` is read by functions of the time of day. `mark` is told before the code of each call and cast, whatever can fail when it runs. `watermark` names that of the row. */
  constructor(code: CodeBuilder, source: ColumnSource, heap: Js, clock?: StepClock, mark?: (expr: BoundExpr) => void, watermark?: Js) {
    this.#watermark = watermark;
    this.#clock = clock;
    this.code = code;
    this.#source = source;
    this.#heap = heap;
    this.#mark = mark;
  }

  /** Reads the columns now, so that what follows can use them in any branch. */
  preload(columns: Iterable<number>, types: readonly SqlType[]): void {
    for (const column of columns) this.#column(column, types[column] ?? { kind: 'NULL', nullable: true });
  }

  /** The low and the high word of a column that lies in such. */
  wordsOf(expr: BoundExpr): readonly [Js, Js] | undefined {
    if (expr.kind !== 'column') return undefined;
    const { layout, arrays, index } = this.#source.place(expr.index);
    return layout === 'i64' && arrays['words'] !== undefined ? [js`${arrays['words']}[2 * ${index}]`, js`${arrays['words']}[2 * ${index} + 1]`] : undefined;
  }

  /**
   * From here on, calls that stand more than once in `exprs` are computed once for each row, where the first one is needed. Needs: the
   * expressions are compiled for the same row, and in no block that the caller opens around one of them.
   */
  share(exprs: readonly BoundExpr[]): void {
    this.#shared = sharedCalls(exprs);
    for (const call of this.#shared.values()) {
      const of = classOf(call.type);
      if (of === undefined || this.#kept.has(call)) continue;
      const kept: KeptCall = { operand: declare(this.code, of), isNull: this.code.name('n'), isKnown: this.code.name('known'), always: undefined };
      this.code.line(js`let ${kept.isNull} = false, ${kept.isKnown} = false;`);
      this.#kept.set(call, kept);
    }
  }

  /** A call that is kept: computed where no one before it was. */
  #keptCall(expr: Extract<BoundExpr, { kind: 'call' }>, kept: KeptCall): Value {
    if (kept.always !== undefined) return kept.always;
    const compute = (): Value => this.#call(expr, expr.args.map((arg) => this.compile(arg)));
    if (this.#depth === 0) {
      // It stands where every row comes by.
      kept.always = compute();
      return kept.always;
    }
    const { code } = this;
    this.#depth++;
    let canBeNull = false;
    code.block(js`if (!${kept.isKnown})`, () => {
      const value = compute();
      assign(code, kept.operand, value.operand);
      if (value.isNull !== undefined) {
        canBeNull = true;
        code.line(js`${kept.isNull} = ${value.isNull};`);
      }
      code.line(js`${kept.isKnown} = true;`);
    });
    this.#depth--;
    return { operand: kept.operand, isNull: canBeNull ? kept.isNull : undefined };
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

  /** The value, computed where the code stands. What leans to the left is walked, not called: a sum may have more terms than the stack has room. */
  compile(expr: BoundExpr): Value {
    const outer: Outer[] = [];
    let inner = expr;
    for (let first = firstOf(inner); first !== undefined && !this.#shared.has(inner); first = firstOf(inner)) {
      outer.push(inner as Outer);
      inner = first;
    }
    const shared = this.#shared.get(inner);
    const kept = shared === undefined ? undefined : this.#kept.get(shared);
    let value = kept !== undefined && inner.kind === 'call' ? this.#keptCall(inner, kept) : this.#innermost(inner);
    for (let node = outer.pop(); node !== undefined; node = outer.pop()) value = this.#around(node, value);
    return value;
  }

  #innermost(expr: BoundExpr): Value {
    switch (expr.kind) {
      case 'column':
        return this.#column(expr.index, expr.type);
      case 'literal':
        return emitLiteral(this.code, expr);
      case 'call':
        return this.#call(expr, []);
      case 'logic':
        return this.#logic(expr);
      case 'case':
        return this.#case(expr);
      case 'cast':
      case 'field':
      case 'not':
      case 'is':
        return this.#around(expr, this.compile(expr.operand));
      default:
        return unreachable(expr);
    }
  }

  /** `first`: the value of the expression's first part. */
  #around(expr: Outer, first: Value): Value {
    switch (expr.kind) {
      case 'call':
        return this.#call(expr, [first, ...expr.args.slice(1).map((arg) => this.compile(arg))]);
      case 'cast':
        return this.#cast(expr, first);
      case 'not':
        return { operand: { class: 'bool', value: this.code.define('b', js`!${boolOf(first.operand)}`) }, isNull: first.isNull };
      case 'is':
        return this.#is(expr, first);
      case 'field':
        return this.#field(expr, first);
      default:
        return unreachable(expr);
    }
  }

  /** The condition of a filter: NULL counts as false. */
  condition(expr: BoundExpr): Js {
    const { operand, isNull } = this.compile(expr);
    return isNull === undefined ? boolOf(operand) : js`!${isNull} && ${boolOf(operand)}`;
  }

  /** A call that is NULL when an argument is: the arguments, then the value only where none is NULL. */
  #call(expr: Extract<BoundExpr, { kind: 'call' }>, args: readonly Value[]): Value {
    const { code } = this;
    const overload = scalarOverload(expr.name, expr.overload, expr.version, expr.engine);
    this.#mark?.(expr);
    const nulls = args.map((arg) => arg.isNull).filter((isNull): isNull is Js => isNull !== undefined);
    const clock = this.#clock;
    const watermark = this.#watermark;
    const callTypes: CallTypes = { args: expr.args.map((arg) => arg.type), result: expr.type, heap: this.#heap, literals: expr.args.map(literalText), zone: expr.zone ?? 'UTC', ...(clock !== undefined && { now: () => js`${code.use(clock, 'clock')}.time` }), ...(watermark !== undefined && { watermark }) };
    if (overload.emitNullable !== undefined) return overload.emitNullable(code, args, callTypes);
    const emit = (): Value => overload.emit(code, args.map((arg) => arg.operand), callTypes);
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

  #cast(expr: Extract<BoundExpr, { kind: 'cast' }>, value: Value): Value {
    const from = expr.operand.type;
    if (from.kind === 'NULL') {
      const of = classOf(expr.type);
      if (of === undefined) throw notHeld(expr.type);
      return { operand: zero(this.code, of), isNull: js`true` };
    }
    if (sameType(from, expr.type)) return value;
    if (!canCast(from, expr.type)) throw new SqlError({ code: 'E0002', message: `not supported yet: CAST of ${printType(from)} to ${printType(expr.type)}`, span: expr.span });
    this.#mark?.(expr);
    const emit = (): Value => emitCast(this.code, value.operand, from, expr.type, this.#heap, { isTry: expr.isTry === true, zone: expr.zone ?? 'UTC' });
    return value.isNull === undefined ? emit() : this.#unless(value.isNull, expr.type, emit);
  }

  #field(expr: Extract<BoundExpr, { kind: 'field' }>, { operand, isNull }: Value): Value {
    const { type } = expr.operand;
    const index = type.kind === 'ROW' ? type.fields.findIndex((field) => field.name === expr.field) : -1;
    if (operand.class !== 'bytes' || index < 0) throw notHeld(type);
    const emit = (): Value => emitField(this.code, operand, type, index);
    return isNull === undefined ? emit() : this.#unless(isNull, expr.type, emit);
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

  #is(expr: Extract<BoundExpr, { kind: 'is' }>, { operand, isNull }: Value): Value {
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
    // One branch after the other, not one in the other: there may be thousands.
    const found = code.name('found');
    code.block(js`${found}:`, () => {
      for (const branch of expr.branches) {
        code.block(js`if (${this.condition(branch.when)})`, () => {
          take(this.compile(branch.then));
          code.line(js`break ${found};`);
        });
      }
      take(this.compile(expr.otherwise));
    });
    this.#depth--;
    return { operand: result, isNull };
  }
}

/** Where a call that is kept stands once it is known. */
interface KeptCall {
  readonly operand: Operand;
  readonly isNull: Js;
  readonly isKnown: Js;
  /** Its value, where it was computed for every row. */
  always: Value | undefined;
}

function boolOf(operand: Operand): Js {
  return (operand as OperandOf<'bool'>).value;
}
