/** The arguments of plugins: defaults, and every problem with upstream's text. */

import assert from 'node:assert/strict';
import test from 'node:test';
import type { JsonObject } from '#wire/json/value.ts';
import type { ConfigurationError } from '../error.ts';
import { readPluginArguments, usualPluginArguments } from './plugin-arguments.ts';
import { readSchedulerConfiguration } from './scheduler-configuration.ts';

const fit = (args: JsonObject) => [{ name: 'NodeResourcesFit', args }];
const ratio = (shape: JsonObject[] | undefined) =>
  fit({
    scoringStrategy: {
      type: 'RequestedToCapacityRatio',
      ...(shape ? { requestedToCapacityRatio: { shape } } : {}),
    },
  });

test('arguments – none – are those of upstream', () => {
  const resources = ['cpu', 'memory'].map((name) => ({ name, weight: 1 }));
  assert.deepEqual(usualPluginArguments, {
    fit: {
      ignoredResources: [],
      ignoredResourceGroups: [],
      strategy: { type: 'LeastAllocated', resources, shape: undefined },
    },
    interPodAffinity: { hardPodAffinityWeight: 1, ignorePreferredTermsOfExistingPods: false },
    defaultPreemption: { minCandidateNodesPercentage: 10, minCandidateNodesAbsolute: 100 },
    volumeBinding: { bindTimeoutSeconds: 600 },
  });
});

test('arguments – some of a plugin – leave its others at their defaults', () => {
  const args = {
    apiVersion: 'kubescheduler.config.k8s.io/v1',
    kind: 'InterPodAffinityArgs',
    hardPodAffinityWeight: 0,
  };
  const { interPodAffinity } = readPluginArguments([{ name: 'InterPodAffinity', args }], 'profiles[0]').args;
  assert.deepEqual(interPodAffinity, { hardPodAffinityWeight: 0, ignorePreferredTermsOfExistingPods: false });
});

const at = 'scheduler: profiles[0].pluginConfig[0].args';
const making = 'scheduler: initializing plugin "NodeResourcesFit": scoringStrategy';
const refused: [JsonObject[], string][] = [
  [
    [{ name: 'NodeAffinity' }],
    'scheduler.profiles[0].pluginConfig[0] is for the plugin "NodeAffinity", which takes no arguments in kybern',
  ],
  [
    [{ name: 'NodeResourcesFit', arg: {} }],
    'scheduler.profiles[0].pluginConfig[0] has an unknown field "arg"',
  ],
  [[...fit({}), ...fit({})], 'scheduler: profiles[0].pluginConfig[1]: Duplicate value: "NodeResourcesFit"'],
  [
    fit({ scoringStrategies: {} }),
    'scheduler.profiles[0].pluginConfig[0]: decoding args for plugin "NodeResourcesFit": strict decoding error: unknown field "scoringStrategies"',
  ],
  [
    fit({ kind: 'VolumeBindingArgs' }),
    'scheduler.profiles[0].pluginConfig[0].args is a "VolumeBindingArgs" of "kubescheduler.config.k8s.io/v1"',
  ],
  [
    fit({ scoringStrategy: { type: 'Most' } }),
    `${making}.type: Unsupported value: "Most": supported values: "LeastAllocated", "MostAllocated", "RequestedToCapacityRatio"`,
  ],
  [
    fit({ scoringStrategy: { type: 'MostAllocated', resources: [{ name: 'cpu', weight: 101 }] } }),
    `${making}.resources[0].weight: Invalid value: 101: resource weight of cpu not in valid range (0, 100]`,
  ],
  [
    ratio(undefined),
    `${making}.requestedToCapacityRatio: Required value: must be specified when type is RequestedToCapacityRatio`,
  ],
  [
    ratio([]),
    `${making}.requestedToCapacityRatio.shape: Required value: at least one point must be specified`,
  ],
  [
    ratio([{ utilization: 5 }, { utilization: 5 }]),
    `${making}.requestedToCapacityRatio.shape[1].utilization: Invalid value: 5: values must be sorted in increasing order`,
  ],
  [
    ratio([{ utilization: 5, score: 11 }]),
    `${making}.requestedToCapacityRatio.shape[0].score: Invalid value: 11: not in valid range [0, 10]`,
  ],
  [
    [{ name: 'InterPodAffinity', args: { hardPodAffinityWeight: 101 } }],
    `${at}.hardPodAffinityWeight: Invalid value: 101: not in valid range [0, 100]`,
  ],
  [
    [{ name: 'VolumeBinding', args: { bindTimeoutSeconds: -1 } }],
    `${at}.bindTimeoutSeconds: Invalid value: -1: invalid BindTimeoutSeconds, should not be a negative value`,
  ],
  [
    [{ name: 'DefaultPreemption', args: { minCandidateNodesPercentage: 101 } }],
    `${at}.minCandidateNodesPercentage: Invalid value: 101: not in valid range [0, 100]`,
  ],
  [
    [{ name: 'DefaultPreemption', args: { minCandidateNodesPercentage: 0, minCandidateNodesAbsolute: 0 } }],
    `${at}.minCandidateNodesPercentage: Invalid value: 0: cannot be zero at the same time as minCandidateNodesAbsolute`,
  ],
];

for (const [pluginConfig, message] of refused) {
  test(`arguments – ${JSON.stringify(pluginConfig)} – are refused`, () => {
    assert.throws(
      () => readSchedulerConfiguration({ profiles: [{ pluginConfig }] }),
      (thrown: ConfigurationError) => {
        assert.equal(thrown.message, message);
        return true;
      },
    );
  });
}
