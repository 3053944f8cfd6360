/**
 * NodeResourcesFit: room for requests with every shortage named, least-allocated scores, and what wakes a
 * pod.
 */

import assert from 'node:assert/strict';
import test from 'node:test';
import { usualPluginArguments } from '#api/configuration/scheduler/plugin-arguments.ts';
import { storedDeviceClass } from '#testing/objects/devices.ts';
import { TestDevices } from '#testing/scheduling/devices.ts';
import { makePod, type NodeShape, type PodShape } from '#testing/scheduling/objects.ts';
import {
  isHelpedBy,
  nodeEvent,
  podEvent,
  rejectionsOf,
  scoresOf,
  type Verdict,
} from '#testing/scheduling/plugin.ts';
import { Rejection } from '../../framework.ts';
import { nodeResourcesFit as nodeResourcesFitWith } from './fit.ts';

const nodeResourcesFit = nodeResourcesFitWith(usualPluginArguments.fit);

const lack = (...reasons: string[]) => new Rejection('NodeResourcesFit', reasons);
const never = (...reasons: string[]) => new Rejection('NodeResourcesFit', reasons, true);
const extended = 'example.com/aaa';
const hugePages = 'hugepages-2Mi';
const node: NodeShape = {
  name: 'a',
  cpu: '10m',
  memory: '20',
  pods: '32',
  allocatable: { [extended]: '5', 'ephemeral-storage': '20', [hugePages]: '5' },
};
const asking = (cpu: string, memory: string, requests: Record<string, string> = {}): PodShape => ({
  cpu,
  memory,
  requests,
});
const init = (...cpus: string[]): PodShape => ({ cpu: '1m', memory: '1', initCpu: cpus });

const filtered: [string, PodShape, PodShape, Verdict][] = [
  ['nothing is requested', {}, asking('10m', '20'), ['fits']],
  [
    'cpu and memory lack',
    asking('1m', '1'),
    asking('10m', '20'),
    [lack('Insufficient cpu', 'Insufficient memory')],
  ],
  ['both fit', asking('1m', '1'), asking('5m', '5'), ['fits']],
  ['cpu lacks', asking('2m', '1'), asking('9m', '5'), [lack('Insufficient cpu')]],
  ['memory lacks', asking('1m', '2'), asking('5m', '19'), [lack('Insufficient memory')]],
  ['the rest exactly', asking('5m', '1'), asking('5m', '19'), ['fits']],
  ['more cpu than the node has', asking('11m', '1'), {}, [never('Insufficient cpu')]],
  ['more memory than the node has', asking('1m', '21'), {}, [never('Insufficient memory')]],
  [
    'one resource that other pods hold, another that the node lacks',
    asking('2m', '21'),
    asking('9m', '1'),
    [never('Insufficient cpu', 'Insufficient memory')],
  ],
  ['an init container asks for more', init('3m'), asking('8m', '19'), [lack('Insufficient cpu')]],
  ['the largest init container counts', init('3m', '2m'), asking('8m', '19'), [lack('Insufficient cpu')]],
  ['init containers do not add up', init('1m', '1m'), asking('9m', '19'), ['fits']],
  ['an extended resource fits', asking('1m', '1', { [extended]: '1' }), {}, ['fits']],
  [
    'an extended resource of zero',
    asking('1m', '1', { [extended]: '0' }),
    asking('0', '0', { [extended]: '6' }),
    ['fits'],
  ],
  [
    'more of an extended resource than the node has',
    asking('1m', '1', { [extended]: '10' }),
    {},
    [never(`Insufficient ${extended}`)],
  ],
  [
    'an extended resource is used up',
    asking('1m', '1', { [extended]: '1' }),
    asking('0', '0', { [extended]: '5' }),
    [lack(`Insufficient ${extended}`)],
  ],
  [
    'an extended resource that the node lacks',
    asking('1m', '1', { 'example.com/bbb': '1' }),
    {},
    [never('Insufficient example.com/bbb')],
  ],
  [
    'huge pages',
    asking('1m', '1', { [hugePages]: '3' }),
    asking('0', '0', { [hugePages]: '3' }),
    [lack(`Insufficient ${hugePages}`)],
  ],
  [
    'ephemeral storage',
    asking('1m', '1', { 'ephemeral-storage': '10' }),
    asking('0', '0', { 'ephemeral-storage': '11' }),
    [lack('Insufficient ephemeral-storage')],
  ],
  ['overhead fits', { ...asking('1m', '1'), overheadCpu: '3m' }, asking('5m', '5'), ['fits']],
  [
    'overhead lacks',
    { ...asking('1m', '1'), overheadCpu: '5m' },
    asking('5m', '5'),
    [lack('Insufficient cpu')],
  ],
  [
    "a pod's own requests count instead of its containers'",
    { ...asking('1m', '1'), spec: { resources: { requests: { cpu: '7m' } } } },
    asking('5m', '5'),
    [lack('Insufficient cpu')],
  ],
];

for (const [title, pod, placed, expected] of filtered) {
  test(`filter – ${title}`, () => {
    const shape = { nodes: [node], pods: [{ ...placed, nodeName: 'a' }] };
    assert.deepEqual(rejectionsOf(nodeResourcesFit, pod, shape), expected);
  });
}

test('filter – the node is full of pods – is named before the resources', () => {
  const shape = { nodes: [{ ...node, pods: '1' }], pods: [{ ...asking('10m', '1'), nodeName: 'a' }] };
  assert.deepEqual(rejectionsOf(nodeResourcesFit, {}, shape), [lack('Too many pods')]);
  const both = [lack('Too many pods', 'Insufficient cpu')];
  assert.deepEqual(rejectionsOf(nodeResourcesFit, asking('1m', '1'), shape), both);
});

const sized = (cpu: string, memory: string): NodeShape => ({ name: '', cpu, memory });
const asksNothing: PodShape = { spec: { containers: [] } };
const scored: [string, PodShape, NodeShape[], (PodShape | undefined)[], number[]][] = [
  ['nothing is requested or used', asksNothing, [sized('4', '10000'), sized('4', '10000')], [], [100, 100]],
  ['nodes of different size', asking('3', '5000'), [sized('4', '10000'), sized('6', '10000')], [], [37, 50]],
  [
    'used nodes',
    asksNothing,
    [sized('10', '20000'), sized('10', '20000')],
    [asking('6', '0'), asking('6', '5000')],
    [70, 57],
  ],
  [
    'requests on used nodes',
    asking('3', '5000'),
    [sized('10', '20000'), sized('10', '20000')],
    [asking('3', '0'), asking('3', '5000')],
    [57, 45],
  ],
  [
    'more than the node has left',
    asking('3', '6000'),
    [sized('4', '10000'), sized('4', '10000')],
    [asking('3', '0'), asking('3', '5000')],
    [20, 0],
  ],
  [
    'a node without cpu is scored by memory',
    asking('1', '5000'),
    [sized('0', '10000'), sized('2', '10000')],
    [],
    [50, 50],
  ],
  ['containers without requests count', {}, [sized('1', '1000Mi'), sized('200m', '400Mi')], [], [85, 50]],
];

for (const [title, pod, sizes, placed, expected] of scored) {
  test(`score – ${title}`, () => {
    const nodes = sizes.map((each, i) => ({ ...each, name: `n${i}` }));
    const pods = placed.map((each, i) => ({ ...each, nodeName: `n${i}` }));
    assert.deepEqual(scoresOf(nodeResourcesFit, pod, { nodes, pods }), expected);
  });
}

const waiting = asking('0', '2', { [extended]: '1' });
const having = (memory: string, allocatable: Record<string, string> = {}, pods = '10'): NodeShape => ({
  name: 'a',
  memory,
  pods,
  allocatable,
});
const nodeHints: [string, PodShape, NodeShape, NodeShape | undefined, boolean][] = [
  ['a node that is too small is added', asking('0', '2'), having('1'), undefined, false],
  ['a node without the resource is added', waiting, having('4', { other: '1' }), undefined, false],
  ['a node that is large enough is added', waiting, having('4', { [extended]: '2' }), undefined, true],
  ['a node that takes no pods is added', asking('0', '2'), having('4', {}, '0'), undefined, false],
  [
    'other resources grow',
    waiting,
    having('2', { [extended]: '1', other: '2' }),
    having('2', { [extended]: '2' }),
    false,
  ],
  [
    'a requested resource grows',
    waiting,
    having('2', { [extended]: '2' }),
    having('2', { [extended]: '1' }),
    true,
  ],
  [
    'a node becomes too small',
    waiting,
    having('1', { [extended]: '2' }),
    having('4', { [extended]: '2' }),
    false,
  ],
  [
    'a node becomes large enough',
    waiting,
    having('4', { [extended]: '2' }),
    having('1', { [extended]: '2' }),
    true,
  ],
  ['a node takes more pods', {}, having('2', {}, '11'), having('2', {}, '10'), true],
  ['nothing is requested and memory grows', {}, having('3'), having('2'), false],
];

for (const [title, pod, now, old, expected] of nodeHints) {
  test(`hint – ${title} – ${expected ? 'wakes' : 'does not wake'} the pod`, () => {
    const event = nodeEvent(old ? 'Node/Allocatable' : 'Node/Add', now, old);
    assert.equal(isHelpedBy(nodeResourcesFit, makePod(pod), event), expected);
  });
}

test('hint – a node grows that is full of other pods – wakes the pod, which may preempt them', () => {
  const event = nodeEvent('Node/Allocatable', having('2'), having('1'));
  event.node!.addPod(makePod(asking('0', '1')));
  assert.equal(isHelpedBy(nodeResourcesFit, makePod(asking('0', '2')), event), true);
});

const podHints: [string, PodShape, PodShape, PodShape, boolean][] = [
  ['requests less cpu', asking('1', '0'), asking('1', '2'), asking('2', '2'), true],
  ['requests less memory', asking('0', '1'), asking('1', '1'), asking('1', '2'), true],
  ['requests less of another resource', asking('0', '1'), asking('1', '2'), asking('2', '2'), false],
  [
    'requests less of an extended resource',
    waiting,
    asking('0', '1', { [extended]: '1' }),
    asking('0', '1', { [extended]: '2' }),
    true,
  ],
  ['requests as much as before', asking('1', '1'), asking('1', '2'), asking('1', '2'), false],
  ['requests more', asking('1', '1'), asking('2', '2'), asking('1', '2'), false],
];

for (const [title, pod, now, old, expected] of podHints) {
  test(`hint – a placed pod ${title} – ${expected ? 'wakes' : 'does not wake'} the pod`, () => {
    const event = podEvent('Pod/AssignedUpdate', now, old);
    assert.equal(isHelpedBy(nodeResourcesFit, makePod(pod), event), expected);
  });
}

test('hint – a placed pod is deleted – wakes the pod', () => {
  const event = podEvent('Pod/AssignedDelete', { nodeName: 'a' });
  assert.equal(isHelpedBy(nodeResourcesFit, makePod(asking('1', '1')), event), true);
});

test('filter – an extended resource that a device class stands for – is counted only where the node offers it', () => {
  const resource = 'example.com/gpu';
  const { devices } = new TestDevices({
    classes: [storedDeviceClass('gpu', { extendedResourceName: resource })],
  });
  const nodes = [
    { name: 'none' },
    { name: 'full', allocatable: { [resource]: '1' } },
    { name: 'free', allocatable: { [resource]: '2' } },
  ];
  const shape = { nodes, pods: [{ nodeName: 'full', requests: { [resource]: '1' } }] };
  const short = new Rejection('NodeResourcesFit', [`Insufficient ${resource}`]);
  const pod = { requests: { [resource]: '1' } };
  assert.deepEqual(rejectionsOf(nodeResourcesFit, pod, { ...shape, listers: { devices } }), [
    'fits',
    short,
    'fits',
  ]);
});
