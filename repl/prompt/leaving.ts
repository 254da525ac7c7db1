/** The terminal is gone: 128 + SIGHUP. */
export const hangUpExit = 129;

const codes = { SIGINT: 130, SIGTERM: 143, SIGHUP: hangUpExit } as const;

/** Signals from outside end the prompt in order, until what this gives is called; a second one ends the process at once. */
export function leaveSignals(leave: (code: number) => void, names: readonly (keyof typeof codes)[] = ['SIGINT', 'SIGTERM', 'SIGHUP']): () => void {
  let isAsked = false;
  const listen = (name: NodeJS.Signals): void => {
    const code = codes[name as keyof typeof codes];
    if (isAsked) process.exit(code);
    isAsked = true;
    leave(code);
  };
  for (const name of names) process.on(name, listen);
  return () => names.forEach((name) => process.off(name, listen));
}

/** What is said before jobs are stopped by leaving. */
export function leavingWords(jobs: readonly string[]): string[] {
  const [one] = jobs;
  return [jobs.length === 1 ? `job ${one ?? ''} runs; Ctrl-D again stops it with a checkpoint and leaves` : `jobs ${jobs.join(', ')} run; Ctrl-D again stops them with a checkpoint each and leaves`];
}
