import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Engine } from '../../index.ts';
import { parsePipelineName, pipelineNames } from '../../engine/pipeline-names.ts';

const names = ['a', 'b', 'a@b', 'a@', '@b', 'b@2', 'a/b', 'a%40b', 'a b', '*', 'ü\u{1f600}', '\ud800', ''];

async function namesOf(inserts: string): Promise<readonly string[]> {
  await using engine = await Engine.create();
  const tables = names.filter((name) => name !== '').map((name) => `CREATE TABLE \`${name}\` (k STRING) WITH ('connector' = 'kafka', 'topic' = 't', 'format' = 'json');`);
  const { errors, inserts: checked } = engine.check(`${tables.join('\n')} ${inserts}`);
  assert.deepEqual(errors, []);
  return pipelineNames(checked.map(({ planned }) => planned.physical));
}

test('no two pairs of tables give one name, and a name gives back its pair', async () => {
  const pairs = names.flatMap((sink) => names.map((source) => [sink, source] as const)).filter(([sink, source]) => sink !== '' && source !== '');
  const given = await namesOf(pairs.map(([sink, source]) => `INSERT INTO \`${sink}\` SELECT k FROM \`${source}\`;`).join(' '));
  assert.equal(new Set(given).size, pairs.length);
  for (const [i, name] of given.entries()) {
    const [sink = '', source = ''] = pairs[i] ?? [];
    assert.deepEqual(parsePipelineName(name), { sink: sink.toWellFormed(), source: source.toWellFormed() });
    assert.match(name, /^[\w.!~'()%-]+@[\w.!~'()%-]+$/);
  }
});

test('a pair keeps its name wherever its INSERT stands; the second of a pair is numbered', async () => {
  const [ab, ba, again] = ['INSERT INTO a SELECT k FROM b;', 'INSERT INTO b SELECT k FROM a;', "INSERT INTO a SELECT k FROM b WHERE k = 'x';"];
  assert.deepEqual(await namesOf(`${ab} ${ba} ${again}`), ['a@b', 'b@a', 'a@b@2']);
  assert.deepEqual(await namesOf(`${ba} ${ab}`), ['b@a', 'a@b']);
});

test('several sources are all named, in their order; rows that the query holds by what they are', async () => {
  const [ab, ba, aa, held, other] = await namesOf("INSERT INTO a SELECT k FROM a UNION ALL SELECT k FROM `a@b`; INSERT INTO a SELECT k FROM `a@b` UNION ALL SELECT k FROM a; INSERT INTO a SELECT k FROM a UNION ALL SELECT k FROM a; INSERT INTO a VALUES ('x'), ('y') UNION ALL SELECT k FROM b; INSERT INTO a VALUES ('x'), ('z') UNION ALL SELECT k FROM b;");
  assert.deepEqual([ab, ba, aa], ['a@a+a%40b', 'a@a%40b+a', 'a@a+a']);
  assert.match(held ?? '', /^a@@[0-9a-f]{16}\+b$/);
  assert.notEqual(held, other);
  assert.deepEqual(parsePipelineName(ab ?? ''), { sink: 'a', source: 'a, a@b' });
  assert.deepEqual(parsePipelineName(held ?? ''), { sink: 'a', source: 'b' });
});

test('an INSERT without a table is named by what it gives, not by how or where it is written', async () => {
  const [one, spaced, two] = await namesOf(`INSERT INTO a SELECT 'x'; -- more\n INSERT  INTO b SELECT   'x'; INSERT INTO a SELECT 'y';`);
  assert.match(one ?? '', /^a@@[0-9a-f]{16}$/);
  assert.equal(one?.slice(1), spaced?.slice(1));
  assert.equal(new Set([one, spaced, two]).size, 3);
  assert.deepEqual(parsePipelineName(one ?? ''), { sink: 'a', source: undefined });
});
