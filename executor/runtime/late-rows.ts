import type { Batch } from '../../core/batch.ts';
import { defaultJsTypes, toJsValue, type JsValue } from '../../core/js-value.ts';
import { readValue } from '../../core/value.ts';
import type { PlanColumn } from '../../planner/logical-plan.ts';
import { nodesOf, type PhysicalPlan } from '../../planner/physical-plan.ts';

/** One row that came too late. */
export interface LateSample {
  /** The columns that the operator sees. */
  readonly row: Readonly<Record<string, JsValue>>;
  /** ms: where the watermark stood when it came. */
  readonly watermark: number;
  /** ms: where its last window ended; for an ORDER BY its own time. */
  readonly end: number;
}

/** Rows that are kept to be shown. */
const mostSamples = 3;

/** What is told of the late rows of one operator: who dropped them, and the first of them. */
export class LateRows {
  /** As `TUMBLE on orders`. */
  readonly label: string;
  readonly samples: LateSample[] = [];
  readonly #columns: readonly PlanColumn[];

  /** The column that numbers the grouping sets which each row is in; undefined where it comes once. */
  readonly #setColumn: number | undefined;

  constructor(label: string, columns: readonly PlanColumn[] = [], setColumn?: number) {
    this.label = label;
    this.#columns = columns;
    this.#setColumn = setColumn;
  }

  /** True for a row that is late once more, in another grouping set. */
  isCounted(batch: Batch, row: number): boolean {
    const sets = this.#setColumn === undefined ? undefined : batch.columns[this.#setColumn];
    return sets?.layout === 'i32' && sets.values[row] !== 0;
  }

  /** `behind`: ms between what closed the row's last window and the watermark. */
  note(batch: Batch, row: number, behind: number, watermark: number): void {
    if (this.samples.length >= mostSamples || this.#columns.length === 0) return;
    const values = this.#columns.flatMap(({ name, type }, i): readonly (readonly [string, JsValue])[] => {
      const column = batch.columns[i];
      return column === undefined ? [] : [[name, toJsValue(readValue(column, type, row), type, { ...defaultJsTypes, timestamp: 'string', ltz: 'string' })]];
    });
    this.samples.push({ row: Object.fromEntries(values), watermark, end: watermark - behind + 1 });
  }
}

/** The late rows of an operator of a plan. */
export function lateRowsOf(node: PhysicalPlan): LateRows {
  const scans = nodesOf(node).flatMap((below) => (below.kind === 'TableSourceScan' ? [below.table] : []));
  const what = node.kind === 'SessionWindow' ? 'SESSION' : node.kind === 'TemporalSort' ? 'ORDER BY' : node.kind === 'WindowAggregate' ? (node.window.kind === 'ATTACHED' ? 'the window' : node.window.kind) : node.kind;
  const [input] = 'input' in node ? [node.input] : [];
  const sets = input?.kind === 'Exchange' && input.input.kind === 'Expand' ? input.input : undefined;
  // Of a row in several sets, its own columns are told.
  return new LateRows(`${what} on ${[...new Set(scans)].join(', ')}`, sets?.input.columns ?? input?.columns, sets === undefined ? undefined : sets.columns.length - 1);
}
