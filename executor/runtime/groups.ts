import type { Feed, PipelineInput } from './feed.ts';
import type { FeedGroup } from './turns.ts';

interface WithInputs {
  readonly inputs: readonly PipelineInput[];
}

/** The pipelines that a source's rows go into. */
export function pipelinesOf<P extends WithInputs>(feed: Feed, pipelines: readonly P[]): readonly P[] {
  return pipelines.filter(({ inputs }) => inputs.some((input) => feed.inputs.includes(input)));
}

/** Sources in one group for each set of which rows meet in some pipeline, in the order of the pipelines. */
export function groupsOf(feeds: readonly Feed[], pipelines: readonly WithInputs[]): readonly FeedGroup<Feed>[] {
  let groups: (readonly Feed[])[] = [];
  for (const { inputs } of pipelines) {
    const own = feeds.filter((feed) => feed.inputs.some((input) => inputs.includes(input)));
    if (own.length === 0) continue;
    const meets = groups.filter((group) => group.some((feed) => own.includes(feed)));
    const [first] = meets;
    const joined = [...new Set([...meets.flat(), ...own])];
    groups = first === undefined ? [...groups, joined] : groups.map((group) => (group === first ? joined : group)).filter((group) => group === joined || !meets.includes(group));
  }
  return groups.map((group) => ({ feeds: group, hasEventTime: group.every(({ inputs }) => inputs.some(({ splits }) => splits?.hasEventTime === true)) }));
}
