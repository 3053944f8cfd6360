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
    balance: { resources },
    nodeAffinity: {},
    spread: {
      defaultConstraints: [
        { topologyKey: 'kubernetes.io/hostname', maxSkew: 3, whenUnsatisfiable: 'ScheduleAnyway' },
        { topologyKey: 'topology.kubernetes.io/zone', maxSkew: 5, whenUnsatisfiable: 'ScheduleAnyway' },
      ],
      isSystemDefaulted: true,
    },
    devices: { filterTimeoutMs: 10_000, bindingTimeoutMs: 600_000 },
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
const requiring = (term: JsonObject) => [
  {
    name: 'NodeAffinity',
    args: {
      addedAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [term] } },
    },
  },
];
const expression = (key: string, operator: string, ...values: string[]) =>
  requiring({ matchExpressions: [{ key, operator, values }] });
const term = `${at}.addedAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0]`;
const labels = '"In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"';
const spreading = (constraint: JsonObject, defaultingType = 'List') => [
  { name: 'PodTopologySpread', args: { defaultingType, defaultConstraints: [constraint] } },
];
const zonal = { maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' };
const constraint = `${at}.defaultConstraints[0]`;
const balancing = (...resources: JsonObject[]) => [
  { name: 'NodeResourcesBalancedAllocation', args: { resources } },
];
const allocating = (args: JsonObject) => [{ name: 'DynamicResources', args }];

const refused: [JsonObject[], string][] = [
  [
    [{ name: 'NodeName' }],
    'scheduler.profiles[0].pluginConfig[0] is for the plugin "NodeName", which takes no arguments in kybern',
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
  [
    expression('a', 'Is', 'b'),
    `${term}.matchExpressions[0].operator: Unsupported value: "Is": supported values: ${labels}`,
  ],
  [
    expression('a', 'In'),
    `${term}.matchExpressions[0].values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty`,
  ],
  [
    expression('a', 'Gt', '1', '2'),
    `${term}.matchExpressions[0].values: Invalid value: ["1","2"]: for 'Gt', 'Lt' operators, exactly one value is required`,
  ],
  [
    expression('a', 'Lt', 'x'),
    `${term}.matchExpressions[0].values[0]: Invalid value: "x": for 'Gt', 'Lt' operators, the value must be an integer`,
  ],
  [
    requiring({ matchFields: [{ key: 'metadata.name', operator: 'Exists' }] }),
    `${term}.matchFields[0].operator: Unsupported value: "Exists": supported values: "In", "NotIn"`,
  ],
  [
    spreading(zonal, 'System'),
    `${at}.defaultingType: Invalid value: "System": when .defaultConstraints are not empty`,
  ],
  [
    spreading(zonal, 'Some'),
    `${at}.defaultingType: Unsupported value: "Some": supported values: "System", "List"`,
  ],
  [
    spreading({ ...zonal, maxSkew: 0 }),
    `${constraint}.maxSkew: Invalid value: 0: not in valid range (0, inf)`,
  ],
  [spreading({ ...zonal, topologyKey: '' }), `${constraint}.topologyKey: Required value: can not be empty`],
  [
    spreading({ ...zonal, whenUnsatisfiable: 'Try' }),
    `${constraint}.whenUnsatisfiable: Unsupported value: "Try": supported values: "DoNotSchedule", "ScheduleAnyway"`,
  ],
  [
    spreading({ ...zonal, labelSelector: { matchLabels: { a: 'b' } } }),
    `${constraint}.labelSelector: Forbidden: constraint must not define a selector, as they deduced for each pod`,
  ],
  [
    [
      {
        name: 'PodTopologySpread',
        args: { defaultingType: 'List', defaultConstraints: [zonal, zonal] },
      },
    ],
    `${at}.defaultConstraints[1]: Duplicate value: "{zone, DoNotSchedule}"`,
  ],
  [balancing({ name: 'cpu', weight: 2 }), `${at}.resources[0].weight: Invalid value: 2: must be 1`],
  [balancing({ name: 'cpu' }, { name: 'cpu' }), `${at}.resources[1].name: Duplicate value: "cpu"`],
  [
    allocating({ filterTimeout: '-1s' }),
    `${at}.filterTimeout: Invalid value: "-1s": must be zero or positive`,
  ],
  [
    allocating({ bindingTimeout: '10ms' }),
    `${at}.bindingTimeout: Invalid value: "10ms": must be at least 1 second`,
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
