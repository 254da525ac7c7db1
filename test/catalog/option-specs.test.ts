import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkOptions, type OptionSpec } from '../../catalog/option-spec.ts';
import { connectors } from '../../connectors/connectors.ts';
import { formats } from '../../connectors/formats/formats.ts';

const owners: readonly { readonly name: string; readonly options: readonly OptionSpec[] }[] = [...connectors, ...formats];

/** A value that the spec takes. */
const valueOf = ({ form, values, defaultValue }: OptionSpec): string => defaultValue ?? values?.[0] ?? { text: 'x', boolean: 'true', integer: '1', duration: '5 s', enum: '' }[form];

for (const { name, options } of owners) {
  test(`the options of ${name} say what they take`, () => {
    const keys = options.map((spec) => spec.key);
    assert.equal(new Set(keys).size, keys.length, 'a key stands once');
    for (const spec of options) {
      assert.ok(spec.description.length > 0 && !spec.description.endsWith('.'), `${spec.key}: a description without a full stop`);
      assert.equal(spec.values !== undefined, spec.form === 'enum', `${spec.key}: values are those of an enum`);
      assert.ok(!(spec.required === true && spec.defaultValue !== undefined), `${spec.key}: what is required has no default`);
      for (const former of spec.formerly ?? []) assert.ok(!keys.includes(former), `${spec.key}: ${former} is another option`);
    }
  });

  test(`the defaults and values of ${name} pass its own check`, () => {
    const given = options.filter((spec) => spec.later !== true && !spec.key.endsWith('.*')).flatMap((spec) => [spec.defaultValue, ...(spec.values ?? []), valueOf(spec)].flatMap((value) => (value === undefined || value === '' ? [] : [{ spec, value }])));
    for (const { spec, value } of given) {
      const { errors } = checkOptions(name, [{ ...spec, required: false }], [{ key: spec.key, value }], undefined);
      assert.deepEqual(errors.map((error) => error.message), [], `${spec.key} = ${value}`);
    }
  });

  test(`a former name of an option of ${name} is answered with the right one`, () => {
    for (const spec of options) {
      for (const former of spec.formerly ?? []) {
        const [error] = checkOptions(name, options, [{ key: former, value: valueOf(spec), keySpan: { start: 0, end: 1 } }], undefined).errors;
        assert.equal(error?.code, 'E0501');
        assert.match(error?.diagnostic.label ?? '', new RegExp(`'${spec.key.replaceAll('.', '\\.')}'`));
        assert.deepEqual(error?.fixes.map((fix) => fix.replacement), [`'${spec.key}'`]);
      }
    }
  });
}

test('what is required and missing, unknown, wrong or not there yet is one error each', () => {
  const specs: readonly OptionSpec[] = [
    { key: 'a', form: 'text', required: true, description: 'a' },
    { key: 'n', form: 'integer', description: 'n' },
    { key: 'e', form: 'enum', values: ['one', 'two'], defaultValue: 'one', description: 'e' },
    { key: 'z', form: 'text', later: true, description: 'z' },
    { key: 'many.*', form: 'text', description: 'm' },
  ];
  const check = (given: Readonly<Record<string, string>>): ReturnType<typeof checkOptions> => checkOptions('it', specs, Object.entries(given).map(([key, value]) => ({ key, value })), undefined);
  assert.deepEqual(check({}).errors.map((error) => error.code), ['E0503']);
  assert.deepEqual(check({ a: 'x', n: '1.5', e: 'three', z: 'x', q: 'x' }).errors.map((error) => error.code), ['E0504', 'E0504', 'E0002', 'E0501']);
  const { options, errors } = check({ a: 'x', e: 'TWO', 'many.deep.key': 'v' });
  assert.deepEqual(errors, []);
  assert.deepEqual(options.toJSON(), { a: 'x', e: 'two', 'many.deep.key': 'v' });
  assert.equal(check({ a: 'x' }).options.text('e'), 'one');
});
