import { noWatermark } from '../core/batch.ts';
import { printDuration, printTimestamp } from '../core/time.ts';
import type { Pipeline } from '../executor/runtime/pipeline.ts';
import type { SplitSet } from '../executor/runtime/split.ts';
import type { Stage } from '../executor/runtime/stage.ts';
import type { Finding } from './api.ts';
import { lateSummary } from './late.ts';

interface Cause {
  readonly cause: string;
  readonly fix?: string;
}

/** The steps of a pipeline from its source to its sink, each with what went in and came out, and why nothing did. `written`: the rows that the sink took. */
export function diagnosePipeline(pipeline: Pipeline, written: number): readonly Finding[] {
  const { name, stages } = pipeline;
  const findings: Finding[] = [];
  const add = (stage: string, rowsIn: number, rowsOut: number, cause: Cause | undefined): void => void findings.push({ stage, rowsIn: BigInt(rowsIn), rowsOut: BigInt(rowsOut), ...cause });
  for (const { splits } of pipeline.inputs) {
    if (splits === undefined) continue;
    const read = rowsOf(splits);
    add('source', read, read, badRecords(splits, read) ?? (read > 0 ? undefined : emptySource(splits)));
  }
  const read = pipeline.inputs.reduce((sum, { splits }) => sum + (splits === undefined ? 0 : rowsOf(splits)), 0);
  for (const stage of stages) {
    const { rowsIn } = stage.metrics;
    const rowsOut = stage.emitted;
    add(stage.id, rowsIn, rowsOut, rowsIn === 0 || rowsOut > 0 ? lateCause(stage, read) : silentStage(stage, pipeline));
  }
  add(`sink ${name}`, written, written, undefined);
  return findings;
}

function rowsOf({ splits }: SplitSet): number {
  return splits.reduce((sum, split) => sum + split.rowsRead, 0);
}

/** Rows that came too late, of a step that gives others. */
function lateCause(stage: Stage, read: number): Cause | undefined {
  const summary = lateSummary(stage, read);
  return summary && { cause: summary.message, fix: summary.fix };
}

/** Records that did not fit the table, of which there may be nothing else. */
function badRecords({ splits }: SplitSet, read: number): Cause | undefined {
  const bad = splits.reduce((sum, { reader }) => sum + (reader.bad ?? 0), 0);
  if (bad === 0) return undefined;
  const fix = 'the notices N0701 show the first of them; the columns and the format of the table have to be those of its records';
  return { cause: read === 0 ? `none of ${bad} records fits the table` : `${bad} records did not fit the table`, fix };
}

function emptySource({ splits: all }: SplitSet): Cause {
  if (all.length === 0) return { cause: 'the source has no split to read' };
  if (!all.every(({ reader }) => reader.atEnd || reader.finished)) return { cause: 'nothing was read yet' };
  const what = all.length === 1 ? 'its one split stands at its end' : `all ${all.length} splits stand at their end`;
  return { cause: `no row has come since the start: ${what}`, fix: "'scan.startup.mode' = 'earliest-offset' in the table reads what was there before" };
}

function silentStage({ id, metrics }: Stage, pipeline: Pipeline): Cause | undefined {
  if (id.startsWith('Calc')) return { cause: `none of ${metrics.rowsIn} rows meets the condition` };
  return id.startsWith('WindowAggregate') ? closedWindows(metrics, pipeline) : undefined;
}

function closedWindows({ rowsIn, late, latestBehind }: Stage['metrics'], { inputs, unions }: Pipeline): Cause {
  if (late === rowsIn) {
    return { cause: `all ${rowsIn} rows came after their windows were closed, by up to ${printDuration(latestBehind)}`, fix: `WATERMARK FOR ts AS ts - INTERVAL '${Math.ceil(latestBehind / 1000)}' SECOND  in the table waits for them` };
  }
  const sets = inputs.flatMap(({ splits }) => splits ?? []);
  const merged = unions[0]?.merged ?? sets[0]?.merged ?? noWatermark;
  const silent = sets.flatMap(({ splits }) => splits).filter((split) => split.rowsRead === 0 && split.watermark === noWatermark && !split.isIdle && !split.reader.finished);
  if (!Number.isFinite(merged) && silent[0] !== undefined) {
    const which = silent.length === 1 ? `split ${silent[0].reader.id} has given none` : `${silent.length} splits have given none`;
    return { cause: `event time waits for a row of every split, and ${which}`, fix: "SET 'table.exec.source.idle-timeout' = '1 s'  goes on without a split that stands at its end" };
  }
  const stands = Number.isFinite(merged) ? `the watermark stands at ${printTimestamp(merged, 0, 3)}` : 'there is no watermark yet';
  return { cause: `no window has closed: ${stands}, and event time only moves when rows arrive`, fix: 'send a row later than the end of the window and the delay of the watermark, or stop({ drain: true })' };
}
