/** Every flag of upstream's kube-controller-manager v1.36 – is an argument here, or an error that says why not. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readClusterConfiguration } from '../cluster-configuration.ts';
import type { ConfigurationError } from '../error.ts';
import { absentManagerArguments } from './absent.ts';
import { managerArguments } from './arguments.ts';

/** Besides help and version. */
const flagCount = 146;

test("the arguments – upstream's flags – are all here or absent, and none is both", () => {
  const known = Object.keys(managerArguments);
  const absent = Object.keys(absentManagerArguments);
  assert.deepEqual(
    known.filter((name) => absent.includes(name)),
    [],
  );
  assert.equal(new Set([...known, ...absent]).size, flagCount);
});

function read(args: Record<string, unknown>) {
  const document = { apiVersion: 'kybern.dev/v1', kind: 'ClusterConfiguration', controllerManager: { args } };
  return readClusterConfiguration(document).managerArguments;
}

test('the arguments – as upstream writes them – are read', () => {
  const args = {
    'horizontal-pod-autoscaler-sync-period': '5s',
    'horizontal-pod-autoscaler-tolerance': '0.05',
    'horizontal-pod-autoscaler-downscale-stabilization': '1m30s',
    'concurrent-horizontal-pod-autoscaler-syncs': 10,
  };
  assert.deepEqual(read(args), {
    'horizontal-pod-autoscaler-sync-period': 5_000,
    'horizontal-pod-autoscaler-tolerance': 0.05,
    'horizontal-pod-autoscaler-downscale-stabilization': 90_000,
    'concurrent-horizontal-pod-autoscaler-syncs': 10,
  });
});

const refused: [Record<string, unknown>, string][] = [
  [
    { 'horizontal-pod-autoscaler-sync-period': '0s' },
    'controllerManager.args: horizontal-pod-autoscaler-sync-period is less than 100ms',
  ],
  [
    { 'horizontal-pod-autoscaler-tolerance': -1 },
    'controllerManager.args: horizontal-pod-autoscaler-tolerance is -1, which is not a number from 0 to 1000',
  ],
  [
    { 'node-monitor-grace-period': '1m' },
    'controllerManager.args: kybern does not have upstream\'s argument "node-monitor-grace-period"',
  ],
  [{ 'horizontal-sync': '1m' }, 'controllerManager.args has an unknown argument "horizontal-sync"'],
];

for (const [args, message] of refused) {
  test(`the arguments – ${JSON.stringify(args)} – are refused`, () => {
    assert.throws(
      () => read(args),
      (thrown: ConfigurationError) => {
        assert.equal(thrown.message, message);
        return true;
      },
    );
  });
}
