/** The section `scheduler`: defaults, and every problem with upstream's text. */

import assert from 'node:assert/strict';
import test from 'node:test';
import type { JsonObject } from '#wire/json/value.ts';
import type { ConfigurationError } from '../error.ts';
import { usualPluginArguments } from './plugin-arguments.ts';
import { readSchedulerConfiguration } from './scheduler-configuration.ts';

const usual = { plugins: undefined, pluginArguments: usualPluginArguments };

test('a section – empty – is one profile with the defaults of upstream', () => {
  assert.deepEqual(readSchedulerConfiguration({}), {
    profiles: [{ schedulerName: 'default-scheduler', percentageOfNodesToScore: 0, ...usual }],
    extenders: [],
    backOff: { initialMs: 1_000, maxMs: 10_000 },
  });
});

test('a section – in full – is read', () => {
  const section = {
    apiVersion: 'kubescheduler.config.k8s.io/v1',
    kind: 'KubeSchedulerConfiguration',
    percentageOfNodesToScore: 40,
    podInitialBackoffSeconds: 2,
    podMaxBackoffSeconds: 20,
    profiles: [{ schedulerName: 'a' }, { schedulerName: 'b', percentageOfNodesToScore: 70 }],
  };
  assert.deepEqual(readSchedulerConfiguration(section), {
    profiles: [
      { schedulerName: 'a', percentageOfNodesToScore: 40, ...usual },
      { schedulerName: 'b', percentageOfNodesToScore: 70, ...usual },
    ],
    extenders: [],
    backOff: { initialMs: 2_000, maxMs: 20_000 },
  });
});

test('a section – parallelism and leader election of upstream – changes nothing', () => {
  const leaderElection = { leaderElect: true, leaseDuration: '15s', resourceName: 'kube-scheduler' };
  assert.deepEqual(
    readSchedulerConfiguration({ parallelism: 32, leaderElection }),
    readSchedulerConfiguration({}),
  );
});

const refused: [JsonObject, string, string?][] = [
  [
    { apiVersion: 'kubescheduler.config.k8s.io/v1beta3' },
    'scheduler is a "KubeSchedulerConfiguration" of "kubescheduler.config.k8s.io/v1beta3"',
    'it is a KubeSchedulerConfiguration of kubescheduler.config.k8s.io/v1',
  ],
  [{ profile: [] }, 'scheduler has an unknown field "profile"', 'the nearest known one is profiles'],
  [
    { profiles: [{ schedulername: 'a' }] },
    'scheduler.profiles[0] has an unknown field "schedulername"',
    'the nearest known one is schedulerName',
  ],
  [{ profiles: 'a' }, 'scheduler: profiles is "a", which is not a list of mappings'],
  [{ profiles: [{ schedulerName: 'a' }, {}] }, 'scheduler: profiles[1].schedulerName: Required value'],
  [
    { profiles: [{ schedulerName: 'a' }, { schedulerName: 'a' }] },
    'scheduler: profiles[1].schedulerName: Duplicate value: "profiles[0].schedulerName"',
  ],
  [
    { percentageOfNodesToScore: 101 },
    'scheduler: percentageOfNodesToScore: Invalid value: 101: not in valid range [0-100]',
  ],
  [
    { profiles: [{ percentageOfNodesToScore: -1 }] },
    'scheduler: profiles[0].percentageOfNodesToScore: Invalid value: -1: not in valid range [0-100]',
  ],
  [
    { podInitialBackoffSeconds: 0 },
    'scheduler: podInitialBackoffSeconds: Invalid value: 0: must be greater than 0',
  ],
  [
    { parallelism: 0 },
    'scheduler: parallelism: Invalid value: 0: should be an integer value greater than zero',
  ],
  [
    { leaderElection: { leaderElect: false } },
    'scheduler: leaderElection has leaderElect at false',
    'the scheduler is elected with leaderElect true only',
  ],
  [{ leaderElection: { lease: '' } }, 'scheduler: leaderElection has an unknown field "lease"'],
  [
    { podInitialBackoffSeconds: 11 },
    'scheduler: podMaxBackoffSeconds: Invalid value: 10: must be greater than or equal to PodInitialBackoffSeconds',
  ],
];

for (const [section, message, hint] of refused) {
  test(`a section – ${JSON.stringify(section)} – is refused`, () => {
    assert.throws(
      () => readSchedulerConfiguration(section),
      (thrown: ConfigurationError) => {
        assert.deepEqual([thrown.message, thrown.hint], [message, hint]);
        return true;
      },
    );
  });
}
