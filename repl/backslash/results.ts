import { writeFileSync } from 'node:fs';
import { rowFormats, type RowFormatName } from '../render/formats.ts';
import { didYouMean } from '../../core/suggest.ts';
import type { BackslashCommand } from './backslash.ts';

const formatNames = ['auto', ...Object.keys(rowFormats)];
const switches = ['auto', 'on', 'off'] as const;

/** Commands that say how results are shown, and where. */
export const resultCommands: readonly BackslashCommand[] = [
  {
    name: 'format',
    usage: `format ${formatNames.join('|')}`,
    doc: 'how rows are printed',
    takes: 'anything',
    operand: formatNames,
    run: (name, { state, tell }) => {
      if (name !== '' && !formatNames.includes(name)) {
        tell(`there is no format '${name}'`, `  ${didYouMean(name, formatNames) ?? `one of ${formatNames.join(', ')}`}`);
        return;
      }
      if (name !== '') state.format = name as RowFormatName | 'auto';
      tell(`format is ${state.format}`);
    },
  },
  {
    name: 'x',
    usage: 'x [auto|on|off]',
    doc: 'a value a line: where rows are wider than the terminal (auto), always, never',
    takes: 'anything',
    operand: switches,
    run: (word, { state, tell }) => {
      const given = switches.find((name) => name === word);
      if (word !== '' && given === undefined) {
        tell(`\\x takes auto, on or off, not '${word}'`);
        return;
      }
      state.vertical = given ?? (state.vertical === 'on' ? 'auto' : 'on');
      tell(`\\x is ${state.vertical}${state.format === 'auto' || state.format === 'table' ? '' : `; it is for tables, and the format is ${state.format}`}`);
    },
  },
  {
    name: 'timing',
    usage: 'timing [on|off]',
    doc: 'says how long each statement took, or no longer',
    takes: 'anything',
    operand: ['on', 'off'],
    run: (word, { state, tell }) => {
      if (word !== '' && word !== 'on' && word !== 'off') {
        tell(`\\timing takes on or off, not '${word}'`);
        return;
      }
      state.isTimed = word === '' ? !state.isTimed : word === 'on';
      tell(`timing is ${state.isTimed ? 'on' : 'off'}`);
    },
  },
  {
    name: 'o',
    usage: 'o [FILE]',
    doc: 'results go into a file, without one here again',
    takes: 'anything',
    run: (file, { state, tell }) => {
      if (file === '') {
        state.file = undefined;
        tell('results come here');
        return;
      }
      try {
        writeFileSync(file, '');
        state.file = file;
        tell(`results go to ${file}; \\o ends that`);
      } catch (error) {
        tell(`error: ${file} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
      }
    },
  },
];
