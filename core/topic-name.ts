const form = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,249}$/;

/** What Kafka takes for the name of a topic, in words. */
export const topicNameRule = 'letters, digits, dot, underscore and minus, at most 249';

/** Whether Kafka takes this for the name of a topic. */
export function isTopicName(name: string): boolean {
  return form.test(name);
}
