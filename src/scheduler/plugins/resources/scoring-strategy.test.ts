/** The strategies of NodeResourcesFit, each on an almost empty and a half used node. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { readPluginArguments } from '#api/configuration/scheduler/plugin-arguments.ts';
import { makePod, type PodShape } from '#testing/scheduling/objects.ts';
import { isHelpedBy, nodeEvent, rejectionsOf, scoresOf } from '#testing/scheduling/plugin.ts';
import type { JsonObject } from '#wire/json/value.ts';
import { nodeResourcesFit } from './fit.ts';

const gpu = 'example.com/gpu';
const pluginWith = (args: JsonObject) =>
  nodeResourcesFit(readPluginArguments([{ name: 'NodeResourcesFit', args }], 'profiles[0]').args.fit);
const nodes = ['empty', 'used'].map((name) => ({
  name,
  cpu: '10',
  memory: '1000',
  allocatable: { [gpu]: '4' },
}));
const pods = [{ nodeName: 'used', cpu: '5', memory: '200', requests: { [gpu]: '2' } }];
const pod: PodShape = { cpu: '1', memory: '100', requests: { [gpu]: '1' } };
const plain: PodShape = { cpu: '1', memory: '100' };
const cpuTwice = [{ name: 'cpu', weight: 2 }, { name: 'memory' }];
const shape = [
  { utilization: 0, score: 0 },
  { utilization: 100, score: 10 },
];

const cases: [string, PodShape, JsonObject, number[]][] = [
  ['LeastAllocated', pod, { type: 'LeastAllocated' }, [90, 55]],
  ['LeastAllocated by a weight', pod, { type: 'LeastAllocated', resources: cpuTwice }, [90, 50]],
  ['MostAllocated', pod, { type: 'MostAllocated' }, [10, 45]],
  ['MostAllocated by a weight', pod, { type: 'MostAllocated', resources: cpuTwice }, [10, 50]],
  [
    'MostAllocated of an extended resource',
    pod,
    { type: 'MostAllocated', resources: [{ name: gpu }] },
    [25, 75],
  ],
  [
    'an extended resource that is not requested',
    plain,
    { type: 'MostAllocated', resources: [{ name: gpu }] },
    [0, 0],
  ],
  [
    'more than there is',
    { cpu: '11', memory: '100' },
    { type: 'MostAllocated', resources: [{ name: 'cpu' }] },
    [100, 100],
  ],
  [
    'a rising shape',
    pod,
    { type: 'RequestedToCapacityRatio', requestedToCapacityRatio: { shape } },
    [10, 45],
  ],
  [
    'a falling shape',
    pod,
    {
      type: 'RequestedToCapacityRatio',
      requestedToCapacityRatio: {
        shape: [
          { utilization: 20, score: 10 },
          { utilization: 60, score: 4 },
        ],
      },
    },
    [100, 63],
  ],
];

for (const [title, asking, scoringStrategy, expected] of cases) {
  test(`score – ${title}`, () => {
    assert.deepEqual(scoresOf(pluginWith({ scoringStrategy }), asking, { nodes, pods }), expected);
  });
}

const much: PodShape = { requests: { [gpu]: '9' } };
const filtered: [string, JsonObject, 'fits' | 'lacks'][] = [
  ['nothing is ignored', {}, 'lacks'],
  ['the resource is ignored', { ignoredResources: [gpu] }, 'fits'],
  ['its group is ignored', { ignoredResourceGroups: ['example.com'] }, 'fits'],
  ['another group is ignored', { ignoredResourceGroups: ['example.org'] }, 'lacks'],
];

for (const [title, args, expected] of filtered) {
  test(`filter – ${title} – ${expected}`, () => {
    const verdicts = rejectionsOf(pluginWith(args), much, { nodes });
    assert.ok(Array.isArray(verdicts));
    assert.deepEqual(
      verdicts.map((each) => (each === 'fits' ? 'fits' : 'lacks')),
      [expected, expected],
    );
  });
}

test('hint – a node without the resource grows – wakes the pod only where the resource is ignored', () => {
  const [small, grown] = [
    { name: 'n', pods: '0' },
    { name: 'n', pods: '10' },
  ];
  const event = nodeEvent('Node/Allocatable', grown, small);
  assert.equal(isHelpedBy(pluginWith({ ignoredResources: [gpu] }), makePod(much), event), true);
  assert.equal(isHelpedBy(pluginWith({}), makePod(much), event), false);
});
