import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SqlError } from '../core/diagnostic.ts';
import { buildPipeline } from '../executor/runtime/build.ts';
import { JobState, type StateVerdict } from '../executor/runtime/job-state.ts';
import type { CheckpointMeta } from '../executor/runtime/pipeline.ts';
import { nodesOf, type PhysicalPlan } from '../planner/physical-plan.ts';
import { conditionsAbove } from '../planner/state-name.ts';
import { checkJobName } from './job-table.ts';
import { pipelineNames } from './pipeline-names.ts';
import { checkPipelines } from './restore.ts';

/** What a start of a job would do with what an earlier one stored. */
export interface JobVerdict {
  /** The checkpoint that it would go on from; undefined when nothing is stored. */
  readonly checkpoint: number | undefined;
  readonly states: readonly StateVerdict[];
  /** Why it would be refused; undefined when it would start. */
  readonly refusal: SqlError | undefined;
}

/** The names of the states that the operators of a job's plans keep. */
export function wantedStates(plans: readonly PhysicalPlan[]): ReadonlySet<string> {
  return new Set(keepersOf(plans).keys());
}

/** By the names of the states of a job's plans: the conditions that what comes out of each passes on its way to the sink. */
export function conditionsOf(plans: readonly PhysicalPlan[]): ReadonlyMap<string, string> {
  const names = pipelineNames(plans);
  return new Map(plans.flatMap((plan, i) => [...conditionsAbove(plan)].map(([state, conditions]) => [`${state} of ${names[i] ?? ''}`, conditions] as const)));
}

const nothing = { accept: () => undefined, advance: () => false, flush: () => undefined, end: () => undefined };

/** Gives the operators of plans their state, of what there is. */
function claim(state: JobState, plans: readonly PhysicalPlan[]): JobState {
  const names = pipelineNames(plans);
  for (const [i, plan] of plans.entries()) buildPipeline(plan, { name: names[i] ?? '', sink: nothing, state, onLate: () => undefined, clock: { time: 0 } });
  state.checkClaimed();
  return state;
}

/** What another query of a job would keep of the state of the one that it takes the place of. */
export interface Upgrade {
  /** keeps-all: nothing is lost, and nothing starts empty. rebuild: nothing goes on. */
  readonly verdict: 'keeps-all' | 'keeps-part' | 'rebuild';
  readonly states: readonly StateVerdict[];
}

/** Compares the plans of a job with those that take their place. Needs nothing that is stored. */
export function upgradeOf(before: readonly PhysicalPlan[], after: readonly PhysicalPlan[]): Upgrade {
  const old = claim(new JobState(undefined, {}, new Set(), { conditions: conditionsOf(before) }), before);
  const { verdicts } = claim(new JobState(undefined, old.schemas, new Set(pipelineNames(before)), { mayDrop: true, wanted: wantedStates(after), conditions: conditionsOf(after) }), after);
  const isKept = refusalOf(() => checkPipelines(Object.fromEntries(pipelineNames(before).map((name) => [name, {}])), pipelineNames(after))) === undefined;
  if (isKept && verdicts.every((state) => state.verdict === 'reuse')) return { verdict: 'keeps-all', states: verdicts };
  return { verdict: verdicts.some((state) => state.verdict !== 'drop') ? 'keeps-part' : 'rebuild', states: verdicts };
}

/** The steps that keep a state, by its name. */
function keepersOf(plans: readonly PhysicalPlan[]): ReadonlyMap<string, PhysicalPlan> {
  const names = pipelineNames(plans);
  return new Map(plans.flatMap((plan, i) => nodesOf(plan).flatMap((node) => ('stateName' in node ? [[`${node.stateName} of ${names[i] ?? ''}`, node] as const] : []))));
}

/** Compares plans with what is stored of the job of a name, and changes nothing. */
export async function verdictOf(stateDir: string | undefined, name: string, plans: readonly PhysicalPlan[]): Promise<JobVerdict> {
  checkJobName(name);
  const path = stateDir === undefined ? undefined : join(stateDir, 'jobs', name, 'checkpoints.db');
  if (path === undefined || !existsSync(path)) return { checkpoint: undefined, states: [], refusal: undefined };
  const store = (await import('../state/checkpoint-store.ts')).openCheckpoints(path);
  try {
    const stored = store.latest();
    if (stored === undefined) return { checkpoint: undefined, states: [], refusal: undefined };
    // What the store holds was written as this.
    const { positions, states } = stored.meta as CheckpointMeta;
    const names = pipelineNames(plans);
    const compared = (mayDrop: boolean): JobState => {
      return claim(new JobState(stored, states, new Set(Object.keys(positions)), { mayDrop, wanted: wantedStates(plans), conditions: conditionsOf(plans) }), plans);
    };
    const refusal = refusalOf(() => {
      checkPipelines(positions, names);
      compared(false);
    });
    return { checkpoint: stored.id, states: compared(true).verdicts, refusal };
  } finally {
    await store.close();
  }
}

function refusalOf(attempt: () => void): SqlError | undefined {
  try {
    attempt();
    return undefined;
  } catch (error) {
    if (error instanceof SqlError) return error;
    throw error;
  }
}

/** For people: one line for the job, then one for each state. */
export function printVerdict(name: string, { checkpoint, states, refusal }: JobVerdict): string {
  if (checkpoint === undefined) return `job ${name}: nothing is stored, it would start anew`;
  const isWhole = states.every((state) => state.verdict === 'reuse');
  const first = refusal !== undefined ? `would be refused: ${refusal.message}` : isWhole ? 'keeps all state' : 'keeps part of its state';
  const lines = states.map(({ state, verdict, reason }) => `  ${verdict.padEnd(7)} ${state}${reason === undefined ? '' : `: ${reason}`}`);
  const ways = refusal === undefined ? [] : ['  --fresh starts over; --on-incompatible discard gives up what does not fit, and goes on in the input; rebuild starts over only then'];
  return [`job ${name}, checkpoint ${checkpoint}: ${first}`, ...lines, ...ways].join('\n');
}
