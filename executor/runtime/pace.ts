import type { Batch } from '../../core/batch.ts';
import { inputsOf, type PhysicalPlan } from '../../planner/physical-plan.ts';
import { readsWatermark } from '../../planner/row-watermark.ts';
import type { Feed, PipelineInput } from './feed.ts';
import type { Split } from './split.ts';

/**
 * Where several inputs of a union read one source, each would be given all rows of a step, and then the next one: which rows the union's event time
 * has passed by then would depend on how many a step takes. So the rows of a step are cut in pieces, of which all inputs are given the first, then
 * the second, and so on: before each row ahead of which event time passes a time that a step above the union notices. Within a piece none does.
 */

/** Finer than any time: what a step notices depends on the order of rows too, as whether a row is late for a session does on the rows before it. */
const everyRow = 0.5;

/** ms: a step notices only that event time, 1 ms on, reaches multiples of it; undefined: it notices none. */
function paceOfStep(node: PhysicalPlan): number | undefined {
  switch (node.kind) {
    case 'WindowAggregate': {
      const { window } = node;
      if (node.processing === true) return undefined;
      if (node.zone !== undefined || window.kind === 'ATTACHED') return 1;
      const pace = commonPace(window.size, window.offset);
      return window.kind === 'TUMBLE' ? pace : commonPace(pace, window.kind === 'HOP' ? window.slide : window.step);
    }
    case 'SessionWindow':
      return node.processing === true ? undefined : everyRow;
    case 'TemporalSort':
      return node.processing === true ? undefined : 1;
    case 'Calc':
      return [...node.projection, ...(node.condition === undefined ? [] : [node.condition])].some(readsWatermark) ? 1 : undefined;
    default:
      return undefined;
  }
}

/** The greatest ms that both are multiples of. */
function commonPace(a: number, b: number): number {
  return b === 0 ? Math.abs(a) : commonPace(b, a % b);
}

/** For the sources below unions above which some step notices event time: what these notice. */
export function pacesBelowUnions(plan: PhysicalPlan): ReadonlyMap<PhysicalPlan, number> {
  const paces = new Map<PhysicalPlan, number>();
  const go = (node: PhysicalPlan, above: number | undefined, ofUnion: number | undefined): void => {
    const own = paceOfStep(node);
    const here = own === undefined || above === undefined ? (own ?? above) : commonPace(own, above);
    const inputs = inputsOf(node);
    if (inputs.length === 0 && ofUnion !== undefined) paces.set(node, ofUnion);
    for (const input of inputs) go(input, here, node.kind === 'Union' ? here : ofUnion);
  };
  go(plan, undefined, undefined);
  return paces;
}

/** By source: what the unions notice to which it gives rows more than once. */
export function pacesOf(feeds: readonly Feed[], pipelines: readonly { readonly inputs: readonly PipelineInput[] }[]): ReadonlyMap<Feed, number> {
  const paces = new Map<Feed, number>();
  for (const feed of feeds) {
    for (const { inputs } of pipelines) {
      const united = inputs.flatMap((input) => (input.pace !== undefined && feed.inputs.includes(input) ? [input.pace] : []));
      if (united.length > 1) paces.set(feed, united.reduce(commonPace, paces.get(feed) ?? 0));
    }
  }
  return paces;
}

/** Where the pieces of a batch end: after so many of its rows, the last after all. */
export function piecesOf({ inputs }: Feed, split: Split, decoded: Batch, pace: number): readonly number[] {
  const rows = decoded.rowCount;
  if (pace === everyRow) return Array.from({ length: rows }, (_, row) => row + 1);
  const ends = new Set([rows]);
  for (const { splits, pace: own } of inputs) {
    const watermarks = own === undefined ? undefined : splits?.watermarksOf(split, decoded);
    if (watermarks === undefined) continue;
    let at = Math.floor(((watermarks[0] as number) + 1) / pace);
    for (let row = 1; row < rows; row++) {
      const next = Math.floor(((watermarks[row] as number) + 1) / pace);
      if (next !== at) ends.add(row);
      at = next;
    }
  }
  return [...ends].toSorted((a, b) => a - b);
}
