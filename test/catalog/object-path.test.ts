import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryCatalog } from '../../catalog/catalog.ts';
import { defaultCatalog, defaultDatabase, fullName, shortName } from '../../catalog/object-path.ts';

test('two paths share no name, whatever stands in them', () => {
  const parts = ['a', 'a.b', 'a`b', '`a`', 'b', ' ', 'ä', 'a`.`b', defaultDatabase, defaultCatalog];
  const paths = parts.flatMap((catalog) => parts.flatMap((database) => parts.map((object) => ({ catalog, database, object }))));
  for (const name of [fullName, shortName]) {
    const names = new Map<string, unknown>();
    for (const path of paths) {
      assert.equal(names.get(name(path)), undefined, `${name.name} ${JSON.stringify(path)} ${JSON.stringify(names.get(name(path)))}`);
      names.set(name(path), path);
    }
  }
});

test('a name in the database that a session begins in is the name alone', () => {
  const catalog = new MemoryCatalog();
  assert.equal(shortName(catalog.path(['t'])), 't');
  assert.equal(shortName(catalog.path(['d', 't'])), 'd.t');
  assert.equal(shortName(catalog.path(['c', 'd', 't'])), 'c.d.t');
  assert.equal(shortName(catalog.path(['a.b'])), '`a.b`');
});
