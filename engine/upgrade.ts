import type { ReadyPlan } from './check.ts';
import { placesOfState } from './explain.ts';
import { upgradeOf, type Upgrade } from './verdict.ts';

/**
 * What the plans `after` would keep of the state of the plans `before`, as one job: one line for each state, with the place of the step that
 * keeps it.
 */
export function compareJobs(before: readonly ReadyPlan[], after: readonly ReadyPlan[]): { readonly verdict: Upgrade['verdict']; readonly lines: readonly string[] } {
  const { verdict, states } = upgradeOf(before.map((plan) => plan.physical), after.map((plan) => plan.physical));
  const places = [...after, ...before].flatMap((plan) => [...placesOfState(plan)]);
  const lines = states.map(({ state, verdict: own, reason }) => {
    const place = places.find(([name]) => state.startsWith(`${name} of `))?.[1];
    return `${own.padEnd(7)} ${place === undefined ? '' : `${place}  `}${state}${reason === undefined ? '' : `: ${reason}`}`;
  });
  return { verdict, lines };
}
