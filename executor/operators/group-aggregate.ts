import { RowKind } from '../../core/changelog.ts';
import type { BytesColumn } from '../../core/column.ts';
import { CodeBuilder, joinJs, js, Js, type CompiledKernel } from '../../core/code.ts';
import { equalBytes } from '../../core/hash.ts';
import { layoutOf, type Layout } from '../../core/layout.ts';
import type { SqlType } from '../../core/sql-type.ts';
import { ExpressionCompiler } from '../../expression/compile.ts';
import type { CallSpec } from '../aggregate-calls.ts';
import { AggregateCode } from '../aggregate-code.ts';
import { InputColumns, OutputColumns } from '../kernel-columns.ts';
import type { Operator, OperatorContext } from '../operator.ts';
import { rowErrors } from '../row-error.ts';
import { Emitter } from './emitter.ts';

export interface GroupAggregateSpec {
  readonly inputTypes: readonly SqlType[];
  readonly keys: readonly number[];
  readonly calls: readonly CallSpec[];
  readonly outputTypes: readonly SqlType[];
  /** The output column of each key, then of each call; from 0 on by default. */
  readonly order?: readonly number[];
  readonly stateName: string;
  /**
   * append: the input only inserts. retract: it withdraws whole rows. upsert: a row takes the place of the one with its keys, and a
   * deletion takes out the whole group; the calls then only keep the latest row.
   */
  readonly input: 'append' | 'retract' | 'upsert';
  /** An update comes with the row that it replaces. */
  readonly before: boolean;
}

/** Rows that the memory of their values is asked for at once. */
const blockRows = 64;
/** So many records are found before it is worth while to ask for their memory. */
const fewRows = 8;

interface Version {
  readonly input: InputColumns;
  readonly update: CompiledKernel;
}

/**
 * Aggregation without windows: a record per key, until its last row is withdrawn. Each row's change is emitted, as Flink does without a
 * time to live: +I for the first row of a key, +U with the new results (after -U with the old ones, where somebody needs them), nothing
 * where the results are what they were, -D when the last row has gone. Without keys it is the same: no row, no result.
 * A withdrawal of what is not there is counted in `metrics.unmatched` and dropped.
 */
export function groupAggregateOperator(context: OperatorContext, spec: GroupAggregateSpec): Operator {
  const aggregate = new AggregateCode(spec.inputTypes, spec.keys, spec.calls, spec.input === 'retract');
  const table = context.state.table(spec.stateName, aggregate.shape);
  const layouts = spec.outputTypes.map(layoutOf);
  const emitter = new Emitter(layouts, 4096);
  const kinds = new Uint8Array(emitter.capacity);
  const watermarks = new Float64Array(emitter.capacity);
  /** Kinds of a batch without any. */
  let inserts = new Uint8Array(0);
  const unmatched = new Int32Array(1);
  const versions: [Version | undefined, Version | undefined] = [undefined, undefined];
  const version = (withNulls: boolean): Version => (versions[withNulls ? 1 : 0] ??= compile(withNulls));
  const isInsertOnly = spec.input === 'append' && spec.calls.length === 0;
  // Every row changes a count of rows: then there is nothing to compare, and one row comes out for each that comes in.
  const needsOld = spec.before || !spec.calls.some((call) => call.name === 'COUNT' && call.distinct !== true && call.filter === undefined && call.args.every((arg) => !arg.type.nullable));
  const isOneToOne = !needsOld && spec.input === 'append';
  // Where the old results stand while the new ones are compared with them: before them, or, when nobody needs them, behind them.
  const output = new OutputColumns(layouts, spec.before ? js`n` : js`j`);
  const oldOutput = new OutputColumns(layouts, spec.before ? js`j` : js`j + 1`);
  const goneOutput = new OutputColumns(layouts, js`j`);
  const order = (index: number): number => spec.order?.[index] ?? index;
  const textKeys = [...spec.keys.entries()].filter(([i]) => layouts[order(i)] === 'bytes');
  const repeats = spec.input === 'append' && aggregate.keyCode.canRepeat;
  const rowsPerCall = needsOld ? emitter.capacity / 2 : emitter.capacity;

  return {
    layouts,
    get sources() {
      return [version(false).update.source, version(true).update.source];
    },
    onBatch: (_input, batch, from, to) => {
      const { input, update } = version(version(true).input.needsNulls(batch));
      if (batch.kinds === undefined && inserts.length < to) inserts = new Uint8Array(to);
      for (let start = from; start < to; start += rowsPerCall) {
        const end = Math.min(to, start + rowsPerCall);
        table.reserve(end - start);
        emitter.begin();
        const args: unknown[] = [table, start, end, emitter.heap, emitter.any, kinds];
        if (!isOneToOne) args.push(batch.kinds ?? inserts, unmatched, batch.watermarks ?? watermarks, watermarks);
        input.pushArguments(batch, args);
        output.pushArguments(emitter.batch.columns, emitter.nulls, args);
        const rows = (update.run as (...values: unknown[]) => number)(...args);
        context.metrics.unmatched += unmatched[0] as number;
        unmatched[0] = 0;
        if (rows === 0) continue;
        const out = emitter.finish(rows, batch.watermarkAfter);
        // Text keys are those of the rows that came: they lie where they came.
        for (const [i, key] of textKeys) {
          const { heap, isPlain } = batch.columns[key] as BytesColumn;
          Object.assign(out.columns[order(i)] as BytesColumn, { heap, isPlain });
        }
        out.kinds = isInsertOnly ? undefined : kinds;
        if (batch.watermarks === undefined) out.watermarks = undefined;
        else if (!isOneToOne) out.watermarks = watermarks;
        else out.watermarks = start === 0 ? batch.watermarks : batch.watermarks.subarray(start, end);
        context.metrics.rowsOut += rows;
        context.emit(out, end < to);
      }
    },
    onTimers: () => false,
    onFlush: () => undefined,
    onEnd: () => undefined,
  };

  function compile(withNulls: boolean): Version {
    const code = new CodeBuilder();
    const input = new InputColumns(aggregate.usedColumns(), spec.inputTypes, js`i`, withNulls);
    code.line(js`let i = from, j = 0;`);
    aggregate.declareViews(code);
    code.line(js`const epoch = table.epoch;`);
    if (repeats) aggregate.keyCode.declareLast(code);
    code.block(js`try`, () => {
      if (isOneToOne && aggregate.sets.readsFar(input)) writeInBlocks(code, input);
      else if (isOneToOne) code.block(js`for (; i < to; i++, j++)`, () => {
        find(code, input);
        writeEvery(code, input);
      });
      else code.block(js`for (; i < to; i++)`, () => writeChanges(code, input));
    });
    const fail = code.use(rowErrors(context.id, aggregate.expressions, input), 'rowError');
    code.block(js`catch (error)`, () => code.line(js`throw ${fail}(i, error, [${joinJs(input.parameters, ', ')}]);`));
    code.line(js`return j;`);
    const changes = isOneToOne ? [] : [js`kindsIn`, js`unmatched`, js`wmIn`, js`wmOut`];
    return { input, update: code.compile('groupAggregate', [js`table`, js`from`, js`to`, js`heap`, js`any`, js`kinds`, ...changes, ...input.parameters, ...output.parameters]) };
  }

  /**
   * Rows a block at a time: first the records of all of its rows, then the places of their values, then what is done with each. The memory of the
   * records and the values, which lie anywhere, then comes for many rows at once, and not for one after the other.
   */
  function writeInBlocks(code: CodeBuilder, input: InputColumns): void {
    // One more: what was read ahead goes there, so that it is read.
    const ids = code.use(new Int32Array(blockRows + 1), 'ids');
    const hashes = code.use(new Int32Array(blockRows), 'hashes');
    const places: (Js | undefined)[] = [];
    if (repeats) aggregate.keyCode.declareTexts(code, input);
    code.block(js`for (let base = from; base < to; base += ${blockRows})`, () => {
      code.line(js`const last = Math.min(to, base + ${blockRows});`);
      code.line(js`let near = 0;`);
      if (repeats) {
        code.line(js`let hashed = 0;`);
        code.block(js`for (i = base; i < last; i++)`, () => aggregate.keyCode.hashAhead(code, input, (hash) => code.line(js`${hashes}[hashed++] = ${hash}; near ^= index[2 * (${hash} & mask)];`)));
        code.block(js`if (hashed > ${fewRows}) for (let k = 0; k < hashed; k++)`, () => code.line(js`near ^= ${aggregate.keyCode.readAhead(code, js`${hashes}[k]`)};`));
        code.line(js`hashed = 0;`);
      }
      code.block(js`for (i = base; i < last; i++)`, () => {
        if (repeats) aggregate.keyCode.findAgain(code, input, js`${hashes}[hashed++]`);
        else aggregate.find(code, input);
        code.line(js`${ids}[i - base] = isNew ? ~id : id;`);
      });
      code.block(js`for (i = base; i < last; i++)`, () => {
        code.line(js`const known = ${ids}[i - base], id = known < 0 ? ~known : known;`);
        for (const [set, place] of aggregate.sets.placesOf(code, new ExpressionCompiler(code, input, js`heap`, context.clock)).entries()) {
          if (place === undefined) continue;
          const kept = (places[set] = code.use(new Int32Array(blockRows), 'places'));
          code.line(js`${kept}[i - base] = ${place.key}; near ^= ${place.content};`);
        }
      });
      code.line(js`${ids}[${blockRows}] = near;`);
      code.block(js`for (i = base; i < last; i++, j++)`, () => {
        code.line(js`const known = ${ids}[i - base], isNew = known < 0, id = isNew ? ~known : known, q = id * ${aggregate.shape.quads};`);
        writeEvery(code, input, places.map((kept) => kept && js`${kept}[i - base]`));
      });
    });
  }

  /** A row out for each row in. */
  function writeEvery(code: CodeBuilder, input: InputColumns, places?: readonly (Js | undefined)[]): void {
    aggregate.accumulate(code, new ExpressionCompiler(code, input, js`heap`, context.clock), places);
    code.line(js`kinds[j] = isNew ? ${RowKind.insert} : ${RowKind.updateAfter};`);
    aggregate.emit(code, output, order, input);
  }

  function find(code: CodeBuilder, input: InputColumns): void {
    if (repeats) aggregate.keyCode.findAgain(code, input);
    else aggregate.find(code, input);
  }

  function writeChanges(code: CodeBuilder, input: InputColumns): void {
    const emitAs = (kind: RowKind, to: OutputColumns): void => {
      aggregate.emit(code, to, order, input);
      code.line(js`kinds[j] = ${kind}; wmOut[j] = wmIn[i];`);
    };
    if (spec.input === 'append') find(code, input);
    else {
      // The +U behind it says all there is to say.
      if (spec.input === 'upsert') code.line(js`if (kindsIn[i] === ${RowKind.updateBefore}) continue;`);
      code.line(js`const withdraws = kindsIn[i] === ${RowKind.updateBefore} || kindsIn[i] === ${RowKind.delete};`);
      aggregate.find(code, input, { test: js`withdraws`, onNone: js`unmatched[0]++; continue;` });
      code.block(spec.input === 'upsert' ? js`if (withdraws)` : js`if (withdraws && ${aggregate.rows} <= 1)`, () => {
        emitAs(RowKind.delete, goneOutput);
        aggregate.remove(code);
        code.line(js`j++; continue;`);
      });
    }
    if (needsOld) code.block(js`if (!isNew)`, () => emitAs(RowKind.updateBefore, oldOutput));
    const compiler = new ExpressionCompiler(code, input, js`heap`, context.clock);
    if (spec.input === 'retract') aggregate.update(code, compiler, js`withdraws`, js`unmatched[0]++;`);
    else aggregate.accumulate(code, compiler);
    code.line(spec.before ? js`const n = isNew ? j : j + 1;` : js`const n = j;`);
    aggregate.emit(code, output, order, input);
    if (needsOld) {
      const keys = spec.keys.length;
      const differs = spec.calls.map((_, i) => differ(code, layouts[order(keys + i)] ?? 'i32', order(keys + i)));
      code.line(js`if (!isNew && !(${differs.length === 0 ? js`false` : joinJs(differs, ' || ')})) continue;`);
    }
    code.line(js`kinds[n] = isNew ? ${RowKind.insert} : ${RowKind.updateAfter}; wmOut[n] = wmIn[i];`);
    code.line(js`j = n + 1;`);
  }

  /** True where a column of the old row is not that of the new one. */
  function differ(code: CodeBuilder, layout: Layout, column: number): Js {
    const [was, is] = spec.before ? [js`j`, js`n`] : [js`j + 1`, js`j`];
    const array = (slot: string): Js => new Js(`out${column}_${slot}`);
    const word = (slot: string, at: 0 | 1): Js => js`${array(slot)}[2 * (${was}) + ${at}] !== ${array(slot)}[2 * (${is}) + ${at}]`;
    const value = (slot: string): Js => js`${array(slot)}[${was}] !== ${array(slot)}[${is}]`;
    const values = (): readonly Js[] => {
      switch (layout) {
        case 'u8':
        case 'i32':
          return [value('values')];
        case 'i64':
          return [word('words', 0), word('words', 1)];
        case 'i64n':
          return [word('words', 0), word('words', 1), value('nanos')];
        case 'i128':
          return [word('words', 0), word('words', 1), word('highWords', 0), word('highWords', 1)];
        case 'f32':
        case 'f64': {
          // NaN is what it was.
          const [a, b] = [js`${array('values')}[${was}]`, js`${array('values')}[${is}]`];
          return [js`(${a} !== ${b} && (${a} === ${a} || ${b} === ${b}))`];
        }
        case 'bytes': {
          const [offsets, lengths] = [array('offsets'), array('lengths')];
          return [js`!${code.use(equalBytes, 'equalBytes')}(heap.bytes, ${offsets}[${was}], ${lengths}[${was}], heap.bytes, ${offsets}[${is}], ${lengths}[${is}])`];
        }
      }
    };
    return joinJs([js`${array('nulls')}[${was}] !== ${array('nulls')}[${is}]`, ...values()], ' || ');
  }
}
