import type { FormatDef } from '../../catalog/connector.ts';
import { json } from './json/json.ts';

/** Every format of this build. */
export const formats: readonly FormatDef[] = [json];
