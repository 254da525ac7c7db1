import { runFolder } from '../run-folder.ts';

await runFolder(import.meta.url);
