import type { Batch } from '../../core/batch.ts';
import { RowKind } from '../../core/changelog.ts';
import { CodeBuilder, joinJs, js, type CompiledKernel } from '../../core/code.ts';
import { layoutOf } from '../../core/layout.ts';
import type { SqlType } from '../../core/sql-type.ts';
import { Table } from '../../state/table.ts';
import { AggregateCode } from '../aggregate-code.ts';
import { InputColumns, OutputColumns } from '../kernel-columns.ts';
import type { Operator, OperatorContext } from '../operator.ts';
import { rowErrors } from '../row-error.ts';
import { StoredRow } from '../stored-row.ts';
import { Emitter } from './emitter.ts';
import { RowLists } from './upsert-materialize-lists.ts';

export interface UpsertMaterializeSpec {
  readonly inputTypes: readonly SqlType[];
  /** The primary key of the sink. */
  readonly key: readonly number[];
  /** What tells the query's rows apart; undefined where only the whole row does. */
  readonly upsertKey: readonly number[] | undefined;
  readonly stateName: string;
}

interface Version {
  readonly input: InputColumns;
  readonly kernel: CompiledKernel;
}

/**
 * Stands before a sink whose primary key is not what tells the query's rows apart: several rows may then have one key, and only the latest of
 * them is in the sink. Keeps the rows of each key in the order in which they came; as Flink's SinkUpsertMaterializer:
 * a row that comes is the latest of its key and goes out, +I as its only one, else +U (with an upsert key it takes the place in the order of
 * the row that it updates); of a row that is withdrawn nothing comes out while a later one is there, +U with the one before it when it was
 * the latest, -D when it was the only one. A withdrawal of what is not there is counted in `metrics.unmatched` and dropped.
 * State: the rows, each under the number of its arrival. Keys and orders are an index over them, built anew after a restore.
 */
export function upsertMaterializeOperator(context: OperatorContext, spec: UpsertMaterializeSpec): Operator {
  const { inputTypes, stateName } = spec;
  const layouts = inputTypes.map(layoutOf);
  const stored = new StoredRow(inputTypes);
  const rows = context.state.table(stateName, stored.shape);
  const keyCode = new AggregateCode(inputTypes, spec.key, []);
  // Rows with one identity are equal as far as withdrawals tell them apart.
  const identityCode = new AggregateCode(inputTypes, identityColumns(spec), []);
  const keys = new Table(keyCode.shape);
  const identities = new Table(identityCode.shape);
  const lists = new RowLists(stored, rows, keys, identities, spec.upsertKey !== undefined);
  const emitter = new Emitter(layouts, 4096);
  const kinds = new Uint8Array(emitter.capacity);
  const watermarks = new Float64Array(emitter.capacity);
  let inserts = new Uint8Array(0);
  const output = new OutputColumns(layouts, js`j`);
  const emit = compileEmit(stored, output);
  const versions: [Version | undefined, Version | undefined] = [undefined, undefined];
  const version = (withNulls: boolean): Version => (versions[withNulls ? 1 : 0] ??= compile(context.id, inputTypes, { keyCode, identityCode, stored, output }, withNulls));

  /** Rows [from, to) of a batch into the emitter's; gives how many come out. */
  const take = (batch: Batch, from: number, to: number): number => {
    const { input, kernel } = version(version(true).input.needsNulls(batch));
    if (batch.kinds === undefined && inserts.length < to) inserts = new Uint8Array(to);
    lists.reserve(to - from);
    emitter.begin();
    const args: unknown[] = [lists, keys, identities, rows, from, to, batch.kinds ?? inserts, kinds, batch.watermarks ?? watermarks, watermarks, emitter.heap, emitter.any];
    input.pushArguments(batch, args);
    output.pushArguments(emitter.batch.columns, emitter.nulls, args);
    const count = (kernel.run as (...values: unknown[]) => number)(...args);
    // The index knows no checkpoints: ids of what is gone may be used at once.
    keys.nextEpoch();
    identities.nextEpoch();
    return count;
  };

  if (rows.size > 0) restore();

  return {
    layouts,
    get sources() {
      return [version(false).kernel.source, version(true).kernel.source];
    },
    onBatch: (_input, batch, from, to) => {
      for (let start = from; start < to; start += emitter.capacity) {
        const count = take(batch, start, Math.min(to, start + emitter.capacity));
        context.metrics.unmatched += lists.unmatched;
        lists.unmatched = 0;
        if (count === 0) continue;
        const out = emitter.finish(count, batch.watermarkAfter);
        out.kinds = kinds;
        out.watermarks = batch.watermarks === undefined ? undefined : watermarks;
        context.metrics.rowsOut += count;
        context.emit(out);
      }
    },
    onTimers: () => false,
    onFlush: () => undefined,
    onEnd: () => undefined,
  };

  /** Passes the stored rows through the kernel once more, which enters them in the index. */
  function restore(): void {
    const source = new Emitter(layouts, emitter.capacity);
    const ids = stored.ids(rows);
    for (let from = 0; from < ids.length; from += source.capacity) {
      const part = ids.slice(from, from + source.capacity);
      source.begin();
      const args: unknown[] = [rows, part, source.heap, source.any];
      output.pushArguments(source.batch.columns, source.nulls, args);
      (emit.run as (...values: unknown[]) => void)(...args);
      lists.restoring = part;
      take(source.finish(part.length, -Infinity), 0, part.length);
    }
    lists.restoring = undefined;
  }
}

/** The sink's key with what tells its rows apart: the columns that withdrawals are found by. */
function identityColumns({ inputTypes, key, upsertKey }: UpsertMaterializeSpec): readonly number[] {
  return [...new Set([...key, ...(upsertKey ?? inputTypes.keys())])];
}

interface Parts {
  readonly keyCode: AggregateCode;
  readonly identityCode: AggregateCode;
  readonly stored: StoredRow;
  readonly output: OutputColumns;
}

function compile(name: string, inputTypes: readonly SqlType[], { keyCode, identityCode, stored, output }: Parts, withNulls: boolean): Version {
  const code = new CodeBuilder();
  const input = new InputColumns(inputTypes.keys(), inputTypes, js`i`, withNulls);
  code.line(js`let i = from, j = 0;`);
  stored.declareViews(code);
  code.block(js`try`, () => {
    code.block(js`for (; i < to; i++)`, () => {
      code.line(js`const withdraws = kindsIn[i] === ${RowKind.updateBefore} || kindsIn[i] === ${RowKind.delete};`);
      code.line(js`let key = 0, identity = 0;`);
      for (const [target, table, finder] of [[js`key`, js`keys`, keyCode], [js`identity`, js`identities`, identityCode]] as const) {
        code.block(js``, () => {
          code.line(js`const table = ${table}, epoch = table.epoch;`);
          finder.declareViews(code);
          finder.find(code, input, { test: js`withdraws`, onNone: js`lists.unmatched++; continue;` });
          code.line(js`${target} = id;`);
        });
      }
      code.line(js`const shown = withdraws ? lists.withdraw(key, identity) : lists.add(key, identity, i - from);`);
      code.block(js`if (lists.written >= 0)`, () => stored.write(code, input, js`lists.written`));
      code.block(js`if (shown >= 0)`, () => {
        stored.emit(code, output, js`shown`);
        code.line(js`kinds[j] = lists.kind; wmOut[j] = wmIn[i]; j++;`);
      });
      code.line(js`if (lists.gone >= 0) lists.remove(key, identity);`);
    });
  });
  const fail = code.use(rowErrors(name, [], input), 'rowError');
  code.block(js`catch (error)`, () => code.line(js`throw ${fail}(i, error, [${joinJs(input.parameters, ', ')}]);`));
  code.line(js`return j;`);
  const parameters = [js`lists`, js`keys`, js`identities`, stored.table, js`from`, js`to`, js`kindsIn`, js`kinds`, js`wmIn`, js`wmOut`, js`heap`, js`any`];
  return { input, kernel: code.compile('upsertMaterialize', [...parameters, ...input.parameters, ...output.parameters]) };
}

/** Writes the records `ids` to rows 0 and up. */
function compileEmit(stored: StoredRow, output: OutputColumns): CompiledKernel {
  const code = new CodeBuilder();
  stored.declareViews(code);
  code.block(js`for (let j = 0; j < ids.length; j++)`, () => stored.emit(code, output, js`ids[j]`));
  return code.compile('emitRows', [stored.table, js`ids`, js`heap`, js`any`, ...output.parameters]);
}
