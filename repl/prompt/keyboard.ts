import type { Conversation, Surface } from './conversation.ts';

/** What the prompt is typed at. */
export interface Keyboard extends Surface {
  /** Takes what is typed until somebody leaves; gives the exit code. */
  talk(conversation: Conversation): Promise<number>;
  /** Gives the terminal back. */
  close(): void;
}
