import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changeMessagesOf, created, runCases, strategyFor } from '#testing/kind-cases.ts';
import type { AnyObject } from '../../meta/object.ts';

const taint = { key: 'a', effect: 'NoSchedule' };
const configMap = { namespace: 'ns', name: 'n', kubeletConfigKey: 'k' };

runCases([
  {
    kind: ['node.k8s.io', 'runtimeclasses'],
    valid: { metadata: { name: 'r' }, handler: 'h' },
    create: [
      [{ handler: undefined }, ['handler: Required value']],
      [
        { overhead: { podFixed: { a: '1' } } },
        [
          'overhead.limits[a]: Invalid value: "a": must be a standard resource type or fully qualified',
          'overhead.limits[a]: Invalid value: "a": must be a standard resource for containers',
        ],
      ],
      [
        {
          scheduling: {
            tolerations: [{ operator: 'Exists' }, { operator: 'Exists', tolerationSeconds: 1, effect: '' }],
          },
        },
        [
          'scheduling.tolerations[1].effect: Invalid value: "": effect must be \'NoExecute\' when `tolerationSeconds` is set',
          'scheduling.tolerations[1]: Duplicate value: {"Key":"","Operator":"Exists","Value":"","Effect":"","TolerationSeconds":1}',
        ],
      ],
    ],
    update: [[{ handler: 'i' }, ['handler: Invalid value: "i": field is immutable']]],
  },
  {
    kind: ['', 'nodes'],
    valid: {
      metadata: { name: 'n', uid: '1' },
      spec: { podCIDRs: ['10.0.0.0/24'], providerID: 'x://1' },
      status: { declaredFeatures: ['A', 'B/c'] },
    },
    create: [
      [
        { 'spec.taints': [taint, { ...taint, value: 'b' }] },
        [
          'metadata.taints[1]: Duplicate value: {"Key":"a","Value":"b","Effect":"NoSchedule","TimeAdded":null}: taints must be unique by key and effect pair',
        ],
      ],
      [{ 'spec.taints': [{ key: 'a' }] }, ['metadata.taints[0].effect: Required value']],
      [
        { 'spec.podCIDRs': ['10.0.0.1/24'] },
        ['spec.podCIDRs[0]: Invalid value: "10.0.0.1/24": must not have bits set beyond the prefix length'],
      ],
      [
        { 'spec.podCIDRs': ['10.0.0.0/24', '10.0.1.0/24'] },
        [
          'spec.podCIDRs: Invalid value: ["10.0.0.0/24","10.0.1.0/24"]: may specify no more than one CIDR for each IP family',
        ],
      ],
      [
        { 'status.declaredFeatures': ['B', 'A', 'A', 'a'] },
        [
          'status.declaredFeatures[1]: Invalid value: "A": list must be sorted alphabetically',
          'status.declaredFeatures[2]: Duplicate value: "A"',
          'status.declaredFeatures[3]: Invalid value: "a": invalid feature name "a": must start with an UpperCamelCase segment, with subsequent segments separated by \'/\' (e.g., MyFeature or MyFeature/mySubFeature), and contain only alphanumeric characters and slashes',
        ],
      ],
      [
        { 'status.nodeInfo': { swap: { capacity: 0 } } },
        ['metadata.nodeSwapStatus.capacity: Invalid value: 0: must be greater than zero'],
      ],
    ],
    update: [
      [
        { 'spec.podCIDRs': ['10.0.1.0/24'], 'spec.podCIDR': undefined },
        ['spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid'],
      ],
      [
        { 'spec.providerID': 'y' },
        ['spec.providerID: Forbidden: node updates may not change providerID except from "" to valid'],
      ],
      [{ 'spec.configSource': { configMap: { ...configMap, uid: 'u' } } }, []],
      [{ 'spec.externalID': 'x' }, ['spec.externalID: Forbidden: may not be updated']],
    ],
  },
]);

test('a node – with fields that have no effect any more – causes warnings', () => {
  const spec = { configSource: {}, externalID: 'x', podCIDRs: ['fd00:0::/64'] };
  assert.deepEqual(strategyFor('', 'nodes').warnings!({ spec } as object), [
    'spec.configSource: the feature is removed',
    'spec.externalID: this field is deprecated, and is unused by Kubernetes',
    'spec.podCIDRs[0]: IPv6 CIDR value "fd00:0::/64" should be in RFC 5952 canonical format ("fd00::/64")',
  ]);
});

const sourceErrors: readonly [source: object, messages: string[]][] = [
  [
    { configMap: { ...configMap, uid: 'u' } },
    ['spec.configSource.configMap.uid: Forbidden: uid must not be set in spec'],
  ],
  [
    {},
    ['spec.configSource: Invalid value: {"ConfigMap":null}: exactly one reference subfield must be non-nil'],
  ],
];

for (const [configSource, messages] of sourceErrors) {
  test(`a node – with the configuration source ${JSON.stringify(configSource)} since before – has its messages`, () => {
    const node = { metadata: { name: 'n' }, spec: { configSource } } as object as AnyObject;
    assert.deepEqual(changeMessagesOf('', 'nodes', node, node), messages);
  });
}

test('a node – with a configuration source, new – loses it; its podCIDR replaces podCIDRs that begin with another', () => {
  const node = created('', 'nodes', {
    metadata: { name: 'n' },
    spec: { configSource: {}, podCIDR: '10.0.0.0/24', podCIDRs: ['10.0.1.0/24', 'fd00::/64'] },
    status: { config: {} },
  } as object as AnyObject);
  assert.deepEqual(node['spec'], { podCIDR: '10.0.0.0/24', podCIDRs: ['10.0.0.0/24'] });
  assert.deepEqual(node['status'], {});
});
