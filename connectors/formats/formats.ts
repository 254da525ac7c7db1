import type { FormatDef } from '../../catalog/format.ts';
import { csv } from './csv/csv.ts';
import { json } from './json/json.ts';
import { raw } from './raw/raw.ts';

/** Every format of this build. */
export const formats: readonly FormatDef[] = [json, csv, raw];
