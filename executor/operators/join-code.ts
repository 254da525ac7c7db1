import { RowKind } from '../../core/changelog.ts';
import { CodeBuilder, joinJs, js, type CompiledKernel, type Js } from '../../core/code.ts';
import { layoutOf } from '../../core/layout.ts';
import type { SqlType } from '../../core/sql-type.ts';
import type { BoundExpr } from '../../expression/bound-expr.ts';
import { ExpressionCompiler } from '../../expression/compile.ts';
import type { Place } from '../../functions/operand.ts';
import type { JoinKey } from '../../planner/physical-plan.ts';
import { InputColumns, OutputColumns } from '../kernel-columns.ts';
import type { OperatorContext } from '../operator.ts';
import { rowErrors } from '../row-error.ts';
import type { JoinRows } from './join-rows.ts';

export interface JoinCodeSpec {
  readonly keys: readonly JoinKey[];
  readonly condition: BoundExpr | undefined;
  readonly outputTypes: readonly SqlType[];
  /** Both sides, the left one first. */
  readonly rows: readonly [JoinRows, JoinRows];
  readonly types: readonly [readonly SqlType[], readonly SqlType[]];
  /** For each side: its rows come out though they meet nothing. */
  readonly outer: readonly [boolean, boolean];
  /** Rows of the left come out once, beside NULLs: those that meet any, or none. */
  readonly half: 'SEMI' | 'ANTI' | undefined;
  /** Some row may come out with another kind than +I. */
  readonly hasKinds: boolean;
  /** Rows of one output batch. */
  readonly capacity: number;
}

export interface JoinVersion {
  readonly input: InputColumns;
  readonly kernel: CompiledKernel;
}

/** Where a kernel goes on that has filled its output: the row; the other side's record to try next + 1, -1 for a row that has not begun; how many the row has met; its own record. */
export const placeWords = 4;

/**
 * The loop over rows of side `side`: keeps or takes out each of them, and writes it with each row of the other side that it meets. Gives how many it
 * has written, and leaves in `place` where to go on.
 */
export function compileJoin(context: OperatorContext, spec: JoinCodeSpec, side: 0 | 1, withNulls: boolean): JoinVersion {
  const { keys, condition, outputTypes, rows, types, outer, half, hasKinds, capacity } = spec;
  const mine = rows[side];
  const other = rows[1 - side] as JoinRows;
  const [isOuter, otherIsOuter] = [outer[side], outer[1 - side] === true];
  const ownTypes = types[side];
  const width = types[0].length;
  const [ownFirst, otherFirst] = side === 0 ? [0, width] : [width, 0];
  const ownColumns = [...ownTypes.keys()];
  const otherColumns = [...(types[1 - side] ?? []).keys()];
  const withdrawn = mine.identityCode;
  const code = new CodeBuilder();
  const input = new InputColumns(ownColumns, ownTypes, js`i`, withNulls);
  const output = new OutputColumns(outputTypes.map(layoutOf), js`j`);

  const setNull = (column: number): void => {
    code.line(js`${output.nulls(column)}[j] = 1; any[${column}] = 1;`);
    for (const line of output.zero(column)) code.line(line);
  };
  const writeOwn = (): void => {
    for (const column of ownColumns) copyColumn(code, input, column, output, ownFirst + column);
  };
  const writeOther = (): void => code.block(js``, () => other.stored.emit(code, output, js`(at - 1)`, otherFirst));
  const finishRow = (kind: Js): void => code.line(hasKinds ? js`kindsOut[j] = ${kind}; wmOut[j] = wmIn[i]; j++;` : js`wmOut[j] = wmIn[i]; j++;`);
  const pause = (test: Js, at: Js): void => code.line(js`if (${test}) { place[0] = i; place[1] = ${at}; place[2] = matched; place[3] = own; return j; }`);
  /** What becomes of the row, by whether it is withdrawn. */
  const either = (onWithdrawal: () => void, onRow: () => void): void => (withdrawn === undefined ? code.block(js``, onRow) : code.either(js`withdraws`, onWithdrawal, onRow));
  const isOuterJoin = outer[0] || outer[1];
  const kind = isOuterJoin ? (withdrawn === undefined ? js`${RowKind.insert}` : js`withdraws ? ${RowKind.delete} : ${RowKind.insert}`) : js`kindsIn[i]`;

  code.line(js`let i = place[0], at = place[1], matched = place[2], own = place[3], j = 0;`);
  mine.stored.declareViews(code);
  other.stored.declareViews(code);
  code.block(js`try`, () => {
    code.block(js`for (; i < to; i++, at = -1)`, () => {
      if (withdrawn !== undefined) code.line(js`const withdraws = kindsIn[i] === ${RowKind.updateBefore} || kindsIn[i] === ${RowKind.delete};`);
      code.block(js`if (at < 0)`, () => {
        const nulls = keys.flatMap((key) => (key.nullsMatch ? [] : (input.nulls(side === 0 ? key.left : key.right) ?? [])));
        if (nulls.length > 0) {
          // It meets nothing, whatever comes: it is not kept.
          code.block(js`if (${joinJs(nulls.map((flags) => js`${flags}[i] === 1`), ' || ')})`, () => {
            if (isOuter || (half === 'ANTI' && side === 0)) {
              pause(js`j === ${capacity}`, js`-1`);
              writeOwn();
              for (const column of otherColumns) setNull(otherFirst + column);
              finishRow(kind);
            }
            code.line(js`continue;`);
          });
        }
        code.line(js`let key = 0, identity = -1;`);
        code.block(js``, () => {
          code.line(js`const table = keys, epoch = table.epoch;`);
          mine.keyCode.declareViews(code);
          mine.keyCode.find(code, input, withdrawn === undefined ? undefined : { test: js`withdraws`, onNone: js`lists.unmatched++; continue;` });
          code.line(js`key = id;`);
        });
        if (withdrawn !== undefined) {
          code.block(js``, () => {
            code.line(js`const table = identities, epoch = table.epoch;`);
            withdrawn.declareViews(code);
            withdrawn.find(code, input, { test: js`withdraws`, onNone: js`lists.unmatched++; continue;` });
            code.line(js`identity = id;`);
          });
        }
        code.line(js`matched = 0;`);
        code.line(js`at = firstOther[key];`);
        either(() => {
          code.line(js`mine.withdraw(key, identity);`);
          code.line(js`if (at === 0 && mine.first[key] === 0) keys.remove(key);`);
        }, () => {
          code.line(js`own = mine.add(key, identity);`);
          code.block(js``, () => mine.stored.write(code, input, js`own`));
        });
      });
      code.block(js`for (; at !== 0; at = nextOther[at - 1])`, () => {
        pause(js`j + 2 > ${capacity}`, js`at`);
        if (condition !== undefined) code.line(js`const mark = heap.used;`);
        if (half === undefined || condition !== undefined) writeOther();
        if (condition !== undefined) {
          code.block(js``, () => {
            const compiler = new ExpressionCompiler(code, new PairColumns(input, ownTypes, output, ownFirst, js`heap.bytes`), js`heap`, context.clock);
            code.line(js`if (!(${compiler.condition(condition)})) { heap.used = mark; continue; }`);
          });
        }
        code.line(js`matched++;`);
        if (half !== undefined && side === 0) {
          if (condition !== undefined) code.line(js`heap.used = mark;`);
          return;
        }
        const padOther = (padKind: Js): void => {
          for (const column of ownColumns) setNull(ownFirst + column);
          finishRow(padKind);
        };
        if (half === undefined && !otherIsOuter) {
          writeOwn();
          finishRow(kind);
          return;
        }
        const otherTable = other.stored.table;
        const word = code.define('w', js`(at - 1) * ${other.stored.shape.quads * 2}`);
        code.line(js`if (${otherTable}.r32[${word}] !== ${otherTable}.epoch) ${otherTable}.touch(at - 1);`);
        const count = js`${otherTable}.r32[${word} + ${other.matchesAt}]`;
        if (half !== undefined) {
          // A row of the left begins or ceases to meet any.
          const come = (test: Js, rowKind: Js): void => code.either(test, () => {
            if (condition === undefined) writeOther();
            padOther(rowKind);
          }, () => {
            if (condition !== undefined) code.line(js`heap.used = mark;`);
          });
          const [first, last] = half === 'SEMI' ? [RowKind.insert, RowKind.delete] : [RowKind.delete, RowKind.insert];
          either(() => come(js`--${count} === 0`, js`${last}`), () => come(js`${count}++ === 0`, js`${first}`));
          return;
        }
        either(() => {
          code.line(js`${count}--;`);
          writeOwn();
          finishRow(js`${RowKind.delete}`);
          code.block(js`if (${count} === 0)`, () => {
            writeOther();
            padOther(js`${RowKind.insert}`);
          });
        }, () => {
          code.block(js`if (${count} === 0)`, () => {
            padOther(js`${RowKind.delete}`);
            writeOther();
          });
          code.line(js`${count}++;`);
          writeOwn();
          finishRow(js`${RowKind.insert}`);
        });
      });
      const isHalfSide = half !== undefined && side === 0;
      if (!isOuter && !isHalfSide) return;
      pause(js`j === ${capacity}`, js`0`);
      const pad = (): void =>
        code.block(half === 'SEMI' ? js`if (matched !== 0)` : js`if (matched === 0)`, () => {
          writeOwn();
          for (const column of otherColumns) setNull(otherFirst + column);
          finishRow(kind);
        });
      either(pad, () => {
        code.line(js`${mine.stored.table}.r32[own * ${mine.stored.shape.quads * 2} + ${mine.matchesAt}] = matched;`);
        pad();
      });
    });
  });
  // What the condition fails at is computed once more, over the same arrays.
  const pair = new PairColumns(input, ownTypes, output, ownFirst, js`made`);
  const fail = code.use(rowErrors(context.id, condition === undefined ? [] : [condition], pair), 'rowError');
  code.block(js`catch (error)`, () => code.line(js`const made = heap.bytes; throw ${fail}(i, error, [${joinJs(pair.parameters, ', ')}]);`));
  code.line(js`place[0] = to; place[1] = -1;`);
  code.line(js`return j;`);
  const parameters = [js`place`, js`to`, js`lists`, js`mine`, js`keys`, js`identities`, mine.stored.table, other.stored.table, js`firstOther`, js`nextOther`, js`kindsIn`, js`kindsOut`, js`wmIn`, js`wmOut`, js`heap`, js`any`];
  return { input, kernel: code.compile(side === 0 ? 'joinLeft' : 'joinRight', [...parameters, ...input.parameters, ...output.parameters]) };
}

/**
 * The columns of both sides: the own ones in row `i` of the input, the other's in row `j` of the output, where they have been written. `bytes`: where
 * those of the output lie.
 */
class PairColumns extends InputColumns {
  readonly #input: InputColumns;
  readonly #output: OutputColumns;
  readonly #first: number;
  readonly #width: number;
  readonly #bytes: Js;

  /** The own columns are those of `types`, from `first` on. */
  constructor(input: InputColumns, types: readonly SqlType[], output: OutputColumns, first: number, bytes: Js) {
    super([], types, js`i`, input.withNulls);
    this.#input = input;
    this.#output = output;
    this.#first = first;
    this.#width = types.length;
    this.#bytes = bytes;
  }

  override get parameters(): Js[] {
    return [...this.#input.parameters, ...this.#output.parameters, js`j`, this.#bytes];
  }

  override place(column: number): Place {
    if (this.#isOwn(column)) return this.#input.place(column - this.#first);
    const place = this.#output.place(column);
    return place.layout === 'bytes' ? { ...place, arrays: { ...place.arrays, heap: this.#bytes } } : place;
  }

  override nulls(column: number): Js | undefined {
    return this.#isOwn(column) ? this.#input.nulls(column - this.#first) : this.#output.nulls(column);
  }

  #isOwn(column: number): boolean {
    return column >= this.#first && column < this.#first + this.#width;
  }
}

/** Row `i` of a column of the input as row `j` of one of the output. Bytes keep their heap. */
function copyColumn(code: CodeBuilder, input: InputColumns, from: number, output: OutputColumns, to: number): void {
  const source = input.place(from);
  for (const [slot, array] of Object.entries(output.place(to).arrays)) {
    // `words` lie over `values`, `highWords` over `high`.
    if (slot !== 'words' && slot !== 'highWords') code.line(js`${array}[j] = ${source.arrays[slot] ?? array}[i];`);
  }
  const nulls = input.nulls(from);
  code.line(nulls === undefined ? js`${output.nulls(to)}[j] = 0;` : js`if ((${output.nulls(to)}[j] = ${nulls}[i]) !== 0) any[${to}] = 1;`);
}

/** The loop that enters restored rows of a side, row `i` of the input as the record ids[i], in the lists. */
export function compileEnter(mine: JoinRows, types: readonly SqlType[]): JoinVersion {
  const code = new CodeBuilder();
  const input = new InputColumns(types.keys(), types, js`i`, true);
  code.block(js`for (let i = 0; i < ids.length; i++)`, () => {
    code.line(js`let key = 0, identity = -1;`);
    for (const [target, table, finder] of [[js`key`, js`keys`, mine.keyCode], [js`identity`, js`identities`, mine.identityCode]] as const) {
      if (finder === undefined) continue;
      code.block(js``, () => {
        code.line(js`const table = ${table}, epoch = table.epoch;`);
        finder.declareViews(code);
        finder.find(code, input);
        code.line(js`${target} = id;`);
      });
    }
    code.line(js`mine.enter(ids[i], key, identity);`);
  });
  return { input, kernel: code.compile('enterRows', [js`ids`, js`mine`, js`keys`, js`identities`, ...input.parameters]) };
}
