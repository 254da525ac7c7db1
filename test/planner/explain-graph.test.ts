import assert from 'node:assert/strict';
import test from 'node:test';
import { Engine } from '../../engine/engine.ts';

const script = `CREATE TABLE t (k STRING, n INT) WITH ('connector' = 'kafka', 'topic' = 't', 'format' = 'json');
  SELECT k, COUNT(*) AS n FROM t WHERE k <> '"<a>' GROUP BY k;`;

async function graph(form: 'mermaid' | 'dot'): Promise<string> {
  await using engine = await Engine.create();
  const [query] = engine.check(script).queries;
  assert.ok(query !== undefined);
  return engine.explain(query.planned, form);
}

test('a plan for Mermaid: steps, and the changes on the edges', async () => {
  assert.equal(await graph('mermaid'), `flowchart LR
  n1["TableSourceScan#91;1#93;<br/>t   reads k STRING"]
  n2["Calc#91;2#93;<br/>k   where k #60;#62; '#34;#60;a#62;'"]
  n4["Exchange#91;4#93;<br/>by k"]
  n3["GroupAggregate#91;3#93;<br/>by k   COUNT(*)"]
  n1 -->|"I"| n2
  n2 -->|"I"| n4
  n4 -->|"I"| n3`);
});

test('a plan for Graphviz', async () => {
  assert.equal(await graph('dot'), `digraph plan {
  rankdir=LR;
  node [shape=box];
  n1 [label="TableSourceScan[1]\\nt   reads k STRING"];
  n2 [label="Calc[2]\\nk   where k <> '\\"<a>'"];
  n4 [label="Exchange[4]\\nby k"];
  n3 [label="GroupAggregate[3]\\nby k   COUNT(*)"];
  n1 -> n2 [label="I"];
  n2 -> n4 [label="I"];
  n4 -> n3 [label="I"];
}`);
});
