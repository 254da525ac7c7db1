import { aggregateFunctions } from '../../functions/aggregate.ts';
import { arrayFunctions } from '../../functions/array.ts';
import { dateTextFunctions } from '../../functions/date-text.ts';
import { dateTimeFunctions } from '../../functions/date-time.ts';
import type { AggregateFunction, ScalarFunction } from '../../functions/definition.ts';
import { encodingFunctions } from '../../functions/encoding.ts';
import { jsonMakers } from '../../functions/json-make.ts';
import { jsonFunctions } from '../../functions/json.ts';
import { mapFunctions } from '../../functions/map.ts';
import { mathFunctions } from '../../functions/math.ts';
import { timeFunctions } from '../../functions/now.ts';
import { printf } from '../../functions/printf.ts';
import { randomFunctions } from '../../functions/random.ts';
import { regexpFunctions } from '../../functions/regexp.ts';
import { scalarFunctions } from '../../functions/scalar.ts';
import { structuredFunctions } from '../../functions/structured.ts';
import { moreTextFunctions } from '../../functions/text-more.ts';
import { textTests } from '../../functions/text-tests.ts';
import { textFunctions } from '../../functions/text.ts';

/** What of the definitions belongs together: a function goes into the first group that takes it. */
const groups: readonly (readonly [title: string, takes: (definition: ScalarFunction) => boolean])[] = [
  ['Operators', (definition) => definition.operator !== undefined && !definition.name.startsWith('IS JSON')],
  ['Text', isOf([...textFunctions, ...moreTextFunctions, ...textTests, printf], ['UPPER', 'LOWER'])],
  ['Regular expressions, as Java has them', isOf(regexpFunctions)],
  ['Numbers', isOf([...mathFunctions, ...randomFunctions])],
  ['Times', isOf([...dateTimeFunctions, ...dateTextFunctions, ...timeFunctions], ['TO_TIMESTAMP_LTZ'])],
  ['JSON', (definition) => isOf([...jsonFunctions, ...jsonMakers])(definition) || definition.name.includes('JSON')],
  ['Arrays', isOf(arrayFunctions, ['ARRAY', 'ITEM'])],
  ['Maps and rows', isOf([...mapFunctions, ...structuredFunctions])],
  ['Bytes, codes and hashes', isOf(encodingFunctions)],
  ['Values of any type', () => true],
];

function isOf(list: readonly ScalarFunction[], names: readonly string[] = []): (definition: ScalarFunction) => boolean {
  return (definition) => list.includes(definition) || names.includes(definition.name);
}

/** docs/functions.md as the definitions say it. */
export function functionsPage(): string {
  const lines = [
    '# Functions',
    '',
    'Made from the definitions in `functions/`; do not edit. `SLUICE_REWRITE=1 node --test test/docs/functions.test.ts` writes it anew. Names are read in any case. In',
    'the prompt `\\df` lists them and `\\df NAME` tells one. CASE, CAST, COALESCE and what else is syntax stands in [language.md](language.md), with windows; a function of',
    'your own is made by `engine.fn`. What Flink has and is not here answers "not supported yet" at its place.',
    '',
  ];
  for (const [i, [title]] of groups.entries()) {
    const functions = scalarFunctions.filter((definition) => isWritten(definition) && groups.findIndex(([, takes]) => takes(definition)) === i);
    lines.push(`## ${title}`, '', '| function | gives | example |', '| --- | --- | --- |', ...functions.map(scalarLine), '');
  }
  lines.push('## Aggregates', '', 'Each takes `FILTER (WHERE condition)`, and DISTINCT where it has one argument.', '', '| function | gives |', '| --- | --- |', ...aggregateFunctions.filter(({ name }) => !name.includes(' ')).map(aggregateLine), '');
  return lines.join('\n');
}

/** False for what stands in plans under a name of its own, and in SQL as a clause of another function. */
function isWritten({ name, operator, examples }: ScalarFunction): boolean {
  return operator !== undefined || /^\w+$/.test(name) || examples.some(({ sql }) => sql.includes(name));
}

function scalarLine({ name, aliases = [], operator, doc, examples }: ScalarFunction): string {
  const names = operator !== undefined && operator !== name ? (/^[A-Z]+$/.test(name) && name !== 'NEGATE' ? [name, operator] : [operator]) : [name, ...aliases];
  const [example] = examples;
  const shown = example === undefined ? '' : `${code(example.sql)} is ${example.result === null ? 'NULL' : code(example.result)}`;
  return `| ${names.map(code).join(', ')} | ${cell(doc)} | ${shown} |`;
}

function aggregateLine({ name, doc }: AggregateFunction): string {
  return `| ${code(name)} | ${cell(doc)} |`;
}

function code(text: string): string {
  const fence = text.includes('`') ? '``' : '`';
  return text === '' ? 'an empty text' : `${fence}${cell(text)}${fence}`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
