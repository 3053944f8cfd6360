/** DefaultPreemption: who may preempt, which victims and node are chosen, and why no room could be made. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { usualPluginArguments } from '#api/configuration/scheduler/plugin-arguments.ts';
import { makePod, type NodeShape, type PodShape, seeded } from '#testing/scheduling/objects.ts';
import { clusterOf, isHelpedBy, podEvent } from '#testing/scheduling/plugin.ts';
import { Algorithm } from '../cycle/algorithm.ts';
import type { PostFilterResult, SchedulerPlugin } from '../framework.ts';
import { defaultPreemption as defaultPreemptionWith } from './default-preemption.ts';
import { nodeResourcesFit as nodeResourcesFitWith } from './resources/fit.ts';
import { interPodAffinity as interPodAffinityWith } from './topology/inter-pod-affinity.ts';
import { podTopologySpread as podTopologySpreadWith } from './topology/pod-topology-spread.ts';

const nodeResourcesFit = nodeResourcesFitWith(usualPluginArguments.fit);
const podTopologySpread = podTopologySpreadWith(usualPluginArguments.spread);
const interPodAffinity = interPodAffinityWith(usualPluginArguments.interPodAffinity);
const defaultPreemption = defaultPreemptionWith(usualPluginArguments.defaultPreemption);

const filters = [nodeResourcesFit, podTopologySpread, interPodAffinity];

/** What the plugin answers to a cycle with these filters that found no node. */
function answerTo(pod: PodShape, nodes: NodeShape[], pods: PodShape[], plugins: SchedulerPlugin[] = filters) {
  let answer: PostFilterResult | undefined;
  const asked: SchedulerPlugin = {
    ...defaultPreemption,
    postFilter: (info, view, cycle) => {
      answer = defaultPreemption.postFilter?.(info, view, cycle);
      return answer;
    },
  };
  const { view } = clusterOf({ nodes, pods });
  // Nodes are tried from the first one on.
  const random = { ...seeded(1), float: () => 0 };
  new Algorithm({ plugins: [...plugins, asked], random }).schedule(makePod(pod), view);
  if (!answer) return undefined;
  const { candidates: _, ...rest } = answer;
  return { ...rest, victims: answer.victims?.map((victim) => victim.pod.metadata.name) };
}

const node = (name: string, cpu = '4'): NodeShape => ({ name, cpu });
const placed = (name: string, nodeName: string, priority: number, cpu: string): PodShape => ({
  name,
  nodeName,
  priority,
  cpu,
});
const urgent: PodShape = { name: 'urgent', priority: 100, cpu: '3' };
const noRoom = (message: string) => ({
  nominatedNode: '',
  message: `preemption: ${message}`,
  victims: undefined,
});
const room = (nominatedNode: string, ...victims: string[]) => ({ nominatedNode, victims, message: '' });

const cases: [string, PodShape, NodeShape[], PodShape[], unknown][] = [
  ['a pod of lower priority', urgent, [node('a')], [placed('low', 'a', 1, '3')], room('a', 'low')],
  [
    'a pod of the same priority',
    urgent,
    [node('a')],
    [placed('same', 'a', 100, '3')],
    noRoom('0/1 nodes are available: 1 No preemption victims found for incoming pod.'),
  ],
  [
    'a node that is too small',
    urgent,
    [node('a', '2')],
    [placed('low', 'a', 1, '1')],
    noRoom('0/1 nodes are available: 1 Preemption is not helpful for scheduling.'),
  ],
  [
    'one node is possible',
    urgent,
    [node('a'), node('b')],
    [placed('high', 'a', 200, '3'), placed('low', 'b', 1, '3')],
    room('b', 'low'),
  ],
  [
    'too little room without pods of lower priority',
    urgent,
    [node('a'), node('b')],
    [
      placed('high-a', 'a', 200, '2'),
      placed('low-a', 'a', 1, '1'),
      placed('high-b', 'b', 200, '2'),
      placed('low-b', 'b', 1, '1'),
    ],
    noRoom('0/2 nodes are available: 2 Insufficient cpu.'),
  ],
  [
    'mixed reasons',
    urgent,
    [node('a'), node('b'), node('c', '2')],
    [placed('high-a', 'a', 200, '2'), placed('low-a', 'a', 1, '1'), placed('high-b', 'b', 200, '3')],
    noRoom(
      '0/3 nodes are available: 1 Insufficient cpu, 1 No preemption victims found for incoming pod, 1 Preemption is not helpful for scheduling.',
    ),
  ],
  [
    'the pod may not preempt',
    { ...urgent, preemptionPolicy: 'Never' },
    [node('a')],
    [placed('low', 'a', 1, '3')],
    { message: 'preemption: not eligible due to preemptionPolicy=Never.', victims: undefined },
  ],
  [
    'a small pod of the lowest priority stays',
    urgent,
    [node('a')],
    [placed('small', 'a', 1, '1'), placed('mid', 'a', 50, '3')],
    room('a', 'mid'),
  ],
  [
    'pods are put back by priority',
    urgent,
    [node('a', '5')],
    [placed('low', 'a', 1, '1'), placed('mid', 'a', 50, '1'), placed('other', 'a', 2, '2')],
    room('a', 'other'),
  ],
  [
    'the node whose highest victim is the lowest',
    urgent,
    [node('a'), node('b'), node('c')],
    [placed('p50', 'a', 50, '3'), placed('p10', 'b', 10, '3'), placed('p20', 'c', 20, '3')],
    room('b', 'p10'),
  ],
  [
    'equal highest victims: the smallest sum of priorities',
    urgent,
    [node('a'), node('b')],
    [
      placed('a50', 'a', 50, '2'),
      placed('a40', 'a', 40, '2'),
      placed('b50', 'b', 50, '2'),
      placed('b10', 'b', 10, '2'),
    ],
    room('b', 'b50', 'b10'),
  ],
  [
    'fewer victims have the smaller sum, also of negative priorities',
    urgent,
    [node('a'), node('b')],
    [placed('a1', 'a', -5, '2'), placed('a2', 'a', -5, '2'), placed('b1', 'b', -5, '3')],
    room('b', 'b1'),
  ],
  [
    'anti-affinity',
    { priority: 100, labels: { app: 'x' } },
    [node('a')],
    [
      {
        ...placed('exclusive', 'a', 1, '1'),
        affinity: {
          podAntiAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: [
              { labelSelector: { matchLabels: { app: 'x' } }, topologyKey: 'kubernetes.io/hostname' },
            ],
          },
        },
      },
      placed('neighbour', 'a', 1, '1'),
    ],
    room('a', 'exclusive'),
  ],
];

for (const [title, pod, nodes, pods, expected] of cases) {
  test(`postFilter – ${title}`, () => {
    const answer = answerTo(pod, nodes, pods);
    assert.deepEqual({ victims: undefined, ...answer }, expected);
  });
}

const started = (name: string, nodeName: string, startTime: string) => {
  const { pod } = makePod(placed(name, nodeName, 1, '3'));
  return { ...pod, status: { startTime } };
};

test('postFilter – victims that differ only by age – the youngest is removed', () => {
  const { view } = clusterOf({ nodes: [node('a'), node('b')] });
  view.setPod(started('old', 'a', '2026-01-01T00:00:00Z'));
  view.setPod(started('young', 'b', '2026-01-02T00:00:00Z'));
  const random = { ...seeded(1), float: () => 0 };
  const algorithm = new Algorithm({ plugins: [...filters, defaultPreemption], random });
  const result = algorithm.schedule(makePod(urgent), view);
  assert.ok('failure' in result);
  assert.equal(result.nominatedNode, 'b');
});

test('postFilter – one candidate is enough by the arguments – the first node is it, though the next is cheaper', () => {
  const { view } = clusterOf({
    nodes: [node('a'), node('b')],
    pods: [placed('dear', 'a', 5, '3'), placed('cheap', 'b', 1, '3')],
  });
  const random = { ...seeded(1), float: () => 0 };
  const chosenBy = (minCandidateNodesAbsolute: number) => {
    const plugin = defaultPreemptionWith({ minCandidateNodesPercentage: 0, minCandidateNodesAbsolute });
    const result = new Algorithm({ plugins: [...filters, plugin], random }).schedule(makePod(urgent), view);
    return 'failure' in result ? result.nominatedNode : undefined;
  };
  assert.deepEqual([chosenBy(2), chosenBy(1)], ['b', 'a']);
});

test('hint – a placed pod is deleted – wakes the pod', () => {
  const event = podEvent('Pod/AssignedDelete', { nodeName: 'a' });
  assert.equal(isHelpedBy(defaultPreemption, makePod(urgent), event), true);
});
