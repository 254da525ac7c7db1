import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { CliFolder, sensorsSql } from '../cli.ts';

suite('sluice explain', () => {
  const cli = new CliFolder();

  test('text names the steps from the sink to the source', async () => {
    const { status, stdout } = await cli.call(['explain', sensorsSql]);
    assert.equal(status, 0);
    const steps = ['Sink', 'WindowAggregate', 'Exchange', 'TableSourceScan'].map((kind) => stdout.indexOf(`${kind}[`));
    assert.deepEqual(steps, steps.toSorted((a, b) => a - b));
    assert.ok(!steps.includes(-1), stdout);
  });

  test('json is an array of plans, code is JavaScript', async () => {
    const plans = JSON.parse((await cli.call(['explain', '--format', 'json', sensorsSql])).stdout) as readonly { readonly kind: string }[];
    assert.deepEqual(plans.map((plan) => plan.kind), ['Sink']);
    assert.match((await cli.call(['explain', '--format', 'code', sensorsSql])).stdout, /^-- decoder of SensorReadings\n\/\/ the fast tier is made after the first records.*\n.*\nfunction decodeJson\(/);
  });
});
