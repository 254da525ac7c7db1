/** Events that warm up a pass. A topic shorter than `longTopicEvents` has no room for that: there the start of the job counts too. */
export const warmUpEvents = 200_000;
export const longTopicEvents = 1_000_000;
