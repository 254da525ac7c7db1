import { SqlError } from '../core/diagnostic.ts';
import type { SourcePositions } from '../catalog/connector.ts';
import { parsePipelineName } from './pipeline-names.ts';

/**
 * Refuses to leave a stored position behind. Throws E0805 when an INSERT now reads another table than its checkpoint goes on in, E0801 when it
 * is gone, unless `mayDrop`. An INSERT without a table leaves nothing behind, and a new one starts where its table says.
 */
export function checkPipelines(stored: SourcePositions, names: readonly string[], mayDrop = false): void {
  const isNew = names.filter((name) => stored[name] === undefined).map(parsePipelineName);
  for (const [name, splits] of Object.entries(stored)) {
    const { sink, source } = parsePipelineName(name);
    if (source === undefined || names.includes(name)) continue;
    const before = `${source} (${placeOf(splits)})`;
    const now = isNew.find((pipeline) => pipeline.sink === sink && pipeline.source !== undefined);
    if (now !== undefined) throw otherSource(before, `the INSERT INTO ${sink} now reads ${now.source}`);
    if (mayDrop) continue;
    throw new SqlError({ code: 'E0801', message: `the checkpoint holds how far INSERT INTO ${sink} has read ${before}, and the job no longer has that INSERT`, hint: startOver });
  }
}

/** `before` and `now`: what the checkpoint goes on in, and the sentence that says what there is instead. */
export function otherSource(before: string, now: string): SqlError {
  return new SqlError({ code: 'E0805', message: `the checkpoint goes on in ${before}, and ${now}`, hint: startOver });
}

const startOver = 'start over with --fresh, or give the job another name: it then starts where the table says';

/** As `kafka, topic readings`. */
function placeOf(splits: SourcePositions[string]): string {
  const [at] = Object.values(splits);
  if (at === undefined) return 'nothing read';
  return at.position['topic'] === undefined ? at.connector : `${at.connector}, topic ${at.position['topic']}`;
}
