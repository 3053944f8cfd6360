/**
 * NodeResourcesBalancedAllocation: scores by how much the pod evens out, or unbalances, the use of cpu and
 * memory.
 */

import assert from 'node:assert/strict';
import test from 'node:test';
import { usualPluginArguments } from '#api/configuration/scheduler/plugin-arguments.ts';
import type { PodShape } from '#testing/scheduling/objects.ts';
import { scoresOf } from '#testing/scheduling/plugin.ts';
import { nodeResourcesBalancedAllocation } from './balanced-allocation.ts';

const plugin = nodeResourcesBalancedAllocation(usualPluginArguments.balance);

const asking = (cpu: string, memory: string): PodShape => ({ cpu, memory });
const big: [string, string] = ['10', '20000'];

const scored: [string, PodShape, [string, string][], PodShape[], 'skipped' | number[]][] = [
  ['nothing is requested', {}, [big, big], [], 'skipped'],
  ['only an extended resource', { requests: { 'example.com/gpu': '1' } }, [big, big], [], 'skipped'],
  [
    'nodes of different size',
    asking('3', '5000'),
    [
      ['4', '10000'],
      ['6', '10000'],
    ],
    [],
    [68, 75],
  ],
  ['used nodes', asking('3', '5000'), [big, big], [asking('3', '0'), asking('3', '5000')], [73, 74]],
  [
    'used nodes of different size',
    asking('3', '5000'),
    [big, ['10', '50000']],
    [asking('3', '0'), asking('3', '5000')],
    [73, 70],
  ],
  [
    'the best and the worst change',
    asking('0', '5000'),
    [
      ['3', '5000'],
      ['3', '5000'],
    ],
    [asking('3', '0')],
    [100, 50],
  ],
  [
    'requests up to the capacity',
    asking('3', '0'),
    [
      ['6', '10000'],
      ['6', '10000'],
    ],
    [asking('3', '0'), asking('3', '5000')],
    [62, 62],
  ],
  ['a resource that no node needs is ignored', asking('3', '5000'), [['3500m', '40000']], [], [56]],
  ['a node without cpu is balanced', asking('0', '5000'), [['0', '10000']], [], [75]],
];

for (const [title, pod, sizes, placed, expected] of scored) {
  test(`score – ${title}`, () => {
    const nodes = sizes.map(([cpu, memory], i) => ({ name: `n${i}`, cpu, memory }));
    const pods = placed.map((each, i) => ({ ...each, nodeName: `n${i}` }));
    assert.deepEqual(scoresOf(plugin, pod, { nodes, pods }), expected);
  });
}

const gpu = 'example.com/gpu';
const withDevices = nodeResourcesBalancedAllocation({
  resources: ['cpu', 'memory', gpu].map((name) => ({ name, weight: 1 })),
});

test('score – three resources in the arguments – by their standard deviation', () => {
  const nodes = [
    { name: 'a', cpu: '4', memory: '1000', allocatable: { [gpu]: '4' } },
    { name: 'b', cpu: '4', memory: '1000', allocatable: { [gpu]: '1' } },
  ];
  const pod = { cpu: '1', memory: '250', requests: { [gpu]: '1' } };
  assert.deepEqual(scoresOf(withDevices, pod, { nodes }), [75, 57]);
});

test('score – an extended resource in the arguments, a pod without it – counts cpu and memory only', () => {
  const nodes = [{ name: 'a', cpu: '4', memory: '1000', allocatable: { [gpu]: '4' } }];
  const [pod, shape] = [{ cpu: '2' }, { nodes }];
  assert.deepEqual(scoresOf(withDevices, pod, shape), scoresOf(plugin, pod, shape));
});
