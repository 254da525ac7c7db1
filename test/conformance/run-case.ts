import { SqlError } from '../../core/diagnostic.ts';
import type { JsValue } from '../../core/js-value.ts';
import { printType, withNullable, type SqlType } from '../../core/sql-type.ts';
import { rowKindText } from '../../core/changelog.ts';
import type { CheckedScript } from '../../engine/engine.ts';
import { Engine } from '../../engine/engine.ts';
import type { CaseLine, CaseResult, ExpectedRow, PlayedTable, ScalarCase, StreamingCase } from './case-file.ts';
import { canonical, encodeScalar, encodeText, encodeTyped, plainInput } from './encode.ts';
import { makePlayer, playTypes, type PlayChange, type Player, type PlayRow, type PlayTable } from './play.ts';

/** A case that takes longer hangs: ms. */
const timeLimit = 5000;

/** Runs one case. Never throws for what the engine does. */
export async function runCase(line: CaseLine): Promise<CaseResult> {
  let timer: NodeJS.Timeout | undefined;
  const hang = new Promise<CaseResult>((resolve) => {
    timer = setTimeout(() => resolve({ id: line.id, status: 'error', detail: `still running after ${timeLimit} ms` }), timeLimit);
  });
  try {
    return await Promise.race(['expr' in line ? runScalar(line) : runStreaming(line), hang]);
  } catch (error) {
    return { id: line.id, ...outcomeOf(error) };
  } finally {
    clearTimeout(timer);
  }
}

/** Only the engine's own E0002 is `unsupported`. */
function outcomeOf(error: unknown): Pick<CaseResult, 'status' | 'detail'> {
  if (!(error instanceof SqlError)) return { status: 'error', detail: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  if (error.code === 'E0002') return { status: 'unsupported', detail: error.message };
  return { status: 'error', detail: `${error.code}: ${error.message}` };
}

function connectorOf(table: PlayedTable): string {
  if (table.changelog_mode === 'I') return 'play';
  return table.changelog_mode.includes('UB') || !table.changelog_mode.includes('UA') ? 'play-retract' : 'play-upsert';
}

function rowsOf(table: PlayedTable): PlayTable {
  const rows: PlayRow[] = [];
  for (const row of table.rows) {
    if ('values' in row) rows.push({ kind: rowKindText.indexOf(row.op as '+I'), values: row.values, phase: row.phase ?? 1 });
  }
  return { splits: [rows] };
}

/** Checks and runs statements that only define. */
async function define(engine: Engine, sql: string): Promise<void> {
  await engine.exec(sql);
}

async function applySettings(engine: Engine, settings: Readonly<Record<string, unknown>> | undefined): Promise<void> {
  for (const [key, value] of Object.entries(settings ?? {})) await define(engine, `SET '${key}' = '${String(value)}'`);
}

function checked(engine: Engine, sql: string): CheckedScript {
  const script = engine.check(sql);
  const [first] = script.errors;
  if (first !== undefined) throw first;
  return script;
}

const quoted = (name: string): string => `\`${name.replaceAll('`', '``')}\``;

// ---- streaming ----

interface Answer {
  readonly types: readonly SqlType[];
  readonly changes: readonly PlayChange[];
  /** The columns that tell rows apart; undefined when every change names its whole row. */
  readonly key: readonly number[] | undefined;
}

async function runStreaming(line: StreamingCase): Promise<CaseResult> {
  const player = makePlayer(new Map(line.tables.map((table) => [table.name, rowsOf(table)])));
  await using engine = await Engine.create({ connectors: player.connectors });
  await applySettings(engine, line.config);
  for (const table of line.tables) await define(engine, `CREATE TABLE ${quoted(table.name)} (${table.ddl_columns.join(', ')}) WITH ('connector' = '${connectorOf(table)}')`);
  if (line.setup_sql !== undefined) await define(engine, line.setup_sql);
  const answer = line.sink === undefined ? await askQuery(engine, line.sql) : await askSink(engine, player, line.sink, line.sql);
  return { id: line.id, ...compareRows(line, answer) };
}

async function askSink(engine: Engine, player: Player, sink: NonNullable<StreamingCase['sink']>, sql: string): Promise<Answer> {
  const key = sink.primary_key === null ? '' : `, PRIMARY KEY (${sink.primary_key.map(quoted).join(', ')}) NOT ENFORCED`;
  await define(engine, `CREATE TABLE ${quoted(sink.name)} (${sink.columns.map(({ name, type }) => `${quoted(name)} ${type}`).join(', ')}${key}) WITH ('connector' = 'play')`);
  const insert = `INSERT INTO ${quoted(sink.name)} ${sql}`;
  const plan = checked(engine, insert).inserts[0]?.planned.physical;
  if (plan === undefined) throw new Error('the statement is no INSERT');
  await engine.exec(insert, { bounded: true });
  const keys = sink.primary_key?.map((name) => sink.columns.findIndex((column) => column.name === name)) ?? plan.properties.upsertKeys[0];
  return { types: plan.columns.map((column) => column.type), changes: player.taken.get(sink.name) ?? [], key: needsKey(plan.properties.changelog) ? keys : undefined };
}

function needsKey(changelog: { readonly updates: boolean; readonly deletes: boolean; readonly before: boolean }): boolean {
  return (changelog.updates && !changelog.before) || changelog.deletes;
}

async function askQuery(engine: Engine, sql: string): Promise<Answer> {
  const plan = checked(engine, sql).queries[0]?.planned.physical;
  if (plan === undefined) throw new Error('the statement is no query');
  const names = plan.columns.map((column) => column.name);
  let query = sql;
  if (new Set(names).size < names.length) {
    // Rows are objects by column name: columns of one name get names of their own.
    await define(engine, `CREATE VIEW \`result of the case\` (${names.map((_, i) => `c${i}`).join(', ')}) AS ${sql}`);
    query = 'SELECT * FROM `result of the case`';
  }
  const result = engine.changes(query, { bounded: true, types: playTypes });
  const columns = (await result.columns()).map((column) => column.name);
  const changes: PlayChange[] = [];
  for await (const change of result) {
    const row = change.row as Readonly<Record<string, JsValue>>;
    changes.push({ kind: rowKindText.indexOf(change.op), values: columns.map((name) => row[name] ?? null) });
  }
  return { types: plan.columns.map((column) => column.type), changes, key: needsKey(plan.properties.changelog) ? plan.properties.upsertKeys[0] : undefined };
}

/** The rows that are left after all changes. */
export function finalRows(changes: readonly PlayChange[], key: readonly number[] | undefined): readonly (readonly JsValue[])[] {
  const text = (values: readonly JsValue[]): string => JSON.stringify(values, (_key, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value instanceof Map ? [...value] : value));
  const isRemoval = (kind: number): boolean => kind === 1 || kind === 3;
  if (key !== undefined) {
    const rows = new Map<string, readonly JsValue[]>();
    for (const { kind, values } of changes) {
      const id = text(key.map((index) => values[index] ?? null));
      if (isRemoval(kind)) rows.delete(id);
      else rows.set(id, values);
    }
    return [...rows.values()];
  }
  const counts = new Map<string, { readonly values: readonly JsValue[]; count: number }>();
  for (const { kind, values } of changes) {
    const id = text(values);
    const entry = counts.get(id) ?? { values, count: 0 };
    entry.count += isRemoval(kind) ? -1 : 1;
    counts.set(id, entry);
  }
  return [...counts.values()].flatMap(({ values, count }) => Array.from({ length: Math.max(0, count) }, () => values));
}

function compareRows(line: StreamingCase, { types, changes, key }: Answer): Pick<CaseResult, 'status' | 'detail' | 'actual'> {
  const { expected } = line;
  const encode = (values: readonly JsValue[]): ExpectedRow =>
    expected.encoding === 'typed'
      ? { values: values.map((value, i) => encodeTyped(value, types[i] as SqlType)) }
      : { text: values.map((value, i) => encodeText(value, types[i] as SqlType)).join(expected.separator ?? ',') };
  const signs = expected.mode === 'changelog_signs';
  const opOf = (kind: number): string => (signs ? (kind === 1 || kind === 3 ? '-' : '+') : (rowKindText[kind as 0] ?? '+I'));
  const asChanges = changes.map(({ kind, values }): ExpectedRow => ({ op: opOf(kind), ...encode(values) }));
  const asFinal = finalRows(changes, key).map(encode);
  const plain = (rows: readonly ExpectedRow[]): readonly unknown[] => rows.map((row) => row.values ?? row.text);
  switch (expected.mode) {
    case 'append':
      return { ...verdict(asChanges.map((row) => [row.op, row.values ?? row.text]), expected.rows.map((row) => ['+I', row.values ?? row.text])), actual: asChanges };
    case 'final':
      return { ...verdict(plain(asFinal), plain(expected.rows)), actual: asFinal };
    case 'changelog':
    case 'changelog_signs': {
      const sign = (op: string | undefined): string => (signs ? (op?.slice(0, 1) ?? '+') : (op ?? '+I'));
      const exact = verdict(asChanges.map((row) => [row.op, row.values ?? row.text]), expected.rows.map((row) => [sign(row.op), row.values ?? row.text]));
      if (exact.status === 'pass' || expected.final_rows === undefined) return { ...exact, actual: asChanges };
      const net = verdict(plain(asFinal), plain(expected.final_rows));
      return { status: net.status, detail: net.status === 'pass' ? 'the net effect is equal, the changes are not' : net.detail, actual: asChanges };
    }
  }
}

/** Compares multisets. */
function verdict(actual: readonly unknown[], expected: readonly unknown[]): Pick<CaseResult, 'status' | 'detail'> {
  const left = actual.map(canonical).sort();
  const right = expected.map(canonical).sort();
  if (left.length === right.length && left.every((text, i) => text === right[i])) return { status: 'pass', detail: '' };
  const pool = new Map<string, number>();
  for (const text of left) pool.set(text, (pool.get(text) ?? 0) + 1);
  const missing = right.filter((text) => {
    const count = pool.get(text) ?? 0;
    pool.set(text, count - 1);
    return count <= 0;
  });
  const extra = [...pool].filter(([, count]) => count > 0).map(([text]) => text);
  return { status: 'fail', detail: `missing ${missing.slice(0, 3).join(' ') || 'nothing'}; too many ${extra.slice(0, 3).join(' ') || 'nothing'}` };
}

// ---- scalar ----

async function runScalar(line: ScalarCase): Promise<CaseResult> {
  const { id, inputs = [] } = line;
  const row: PlayRow = { kind: 0, values: inputs.map((input) => plainInput(input.value, input.type)), phase: 1 };
  const player = makePlayer(new Map([['t', { splits: [[row]] }]]));
  await using engine = await Engine.create({ connectors: player.connectors });
  await applySettings(engine, line.session);
  if (inputs.length > 0) await define(engine, `CREATE TABLE t (${inputs.map(({ name, type }) => `${quoted(name)} ${type}`).join(', ')}) WITH ('connector' = 'play')`);
  const expr = line.compare === 'cast_to_string' ? `CAST((${line.expr}) AS STRING)` : line.expr;
  const sql = `SELECT ${expr} AS v${inputs.length > 0 ? ' FROM t' : ''}`;
  if (line.expected_error !== undefined) return { id, ...(await expectError(engine, sql, line.expected_error)) };
  const { types, changes } = await askQuery(engine, sql);
  const [change] = changes;
  const type = types[0];
  if (change === undefined || type === undefined) return { id, status: 'fail', detail: 'no row came out' };
  const actual = encodeScalar(change.values[0] ?? null, type);
  const isEqual = canonical(actual) === canonical(line.expected);
  return { id, status: isEqual ? 'pass' : 'fail', detail: isEqual ? '' : `${canonical(actual)} of type ${printType(withNullable(type, true))} instead of ${canonical(line.expected)}`, actual };
}

async function expectError(engine: Engine, sql: string, wanted: 'validation' | 'runtime' | 'any'): Promise<Pick<CaseResult, 'status' | 'detail' | 'actual'>> {
  let stage: 'validation' | 'runtime' = 'validation';
  try {
    checked(engine, sql);
    stage = 'runtime';
    const { changes } = await askQuery(engine, sql);
    return { status: 'fail', detail: `no error, but ${JSON.stringify(changes[0]?.values, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value))}` };
  } catch (error) {
    if (!(error instanceof SqlError) || error.code === 'E0002' || error.code === 'E0999') return outcomeOf(error);
    const isRight = wanted === 'any' || wanted === stage;
    return { status: isRight ? 'pass' : 'fail', detail: `${stage} ${error.code}: ${error.message}`, actual: stage };
  }
}
