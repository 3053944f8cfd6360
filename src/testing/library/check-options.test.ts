import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkMs, checkOptions } from './check-options.ts';
import { startCluster, type TestClusterOptions } from './testing.ts';

const refused: readonly (readonly [options: unknown, message: string])[] = [
  [null, 'the options are null, not an object'],
  [5, 'the options are 5, not an object'],
  [[], 'the options are [], not an object'],
  [{ name: '' }, 'name is "", not a name of lower case letters, digits and -'],
  [{ name: '../x' }, 'name is "../x", not a name of lower case letters, digits and -'],
  [{ simulatedNodes: -1 }, 'simulatedNodes is -1, not a whole number from 0 to 5000'],
  [{ simulatedNodes: 1.5 }, 'simulatedNodes is 1.5, not a whole number from 0 to 5000'],
  [{ simulatedNodes: '3' }, 'simulatedNodes is "3", not a whole number from 0 to 5000'],
  [{ simulatedNodes: Number.NaN }, 'simulatedNodes is NaN, not a whole number from 0 to 5000'],
  [
    { simulatedNodes: Number.POSITIVE_INFINITY },
    'simulatedNodes is Infinity, not a whole number from 0 to 5000',
  ],
  [{ port: 70_000 }, 'port is 70000, not a whole number from 0 to 65535'],
  [{ store: 'disk' }, 'store is "disk", not memory, or { sqlite } with the path of a file'],
  [{ store: { sqlite: '' } }, 'store is {"sqlite":""}, not memory, or { sqlite } with the path of a file'],
  [{ config: {} }, 'config is {}, not a text of YAML'],
  [{ simulatedNode: 1 }, 'there is no option simulatedNode; the nearest is simulatedNodes'],
  [{ toString: 1 }, 'there is no option toString'],
];

for (const [options, message] of refused) {
  test(`options of a cluster of tests – ${message} – are refused`, async () => {
    await assert.rejects(startCluster(options as TestClusterOptions), { name: 'TypeError', message });
  });
}

test('options of a cluster of tests – none, all, undefined ones – are taken', () => {
  checkOptions({});
  checkOptions({ name: 'a-1', simulatedNodes: 5000, port: 0, store: { sqlite: 'x.db' }, config: '' });
  checkOptions({ name: undefined, store: 'memory' });
});

for (const ms of [-1, Number.NaN, Number.POSITIVE_INFINITY, 1e15, '5', undefined]) {
  test(`the clock of a cluster of tests – advanced by ${ms} – refuses it`, () => {
    assert.throws(() => checkMs('advance', ms), { name: 'RangeError', message: /^advance\(/ });
  });
}
