/**
 * PodTopologySpread: the skew over zones and nodes, scores of soft and default constraints, trials, and what
 * wakes a pod.
 */

import assert from 'node:assert/strict';
import test from 'node:test';
import { usualPluginArguments } from '#api/configuration/scheduler/plugin-arguments.ts';
import type { TopologySpreadConstraint } from '#api/generated/types.gen.ts';
import { longAgo } from '#testing/objects.ts';
import { makeNode, makePod, type NodeShape, type PodShape } from '#testing/scheduling/objects.ts';
import {
  type ClusterShape,
  clusterOf,
  isHelpedBy,
  nodeEvent,
  podEvent,
  rejectionsOf,
  scoresOf,
  type Verdict,
  verdictOf,
} from '#testing/scheduling/plugin.ts';
import { type ClusterEventKind, Rejection } from '../../framework.ts';
import { podTopologySpread } from './pod-topology-spread.ts';

const plugin = podTopologySpread(usualPluginArguments.spread);

const uneven = new Rejection('PodTopologySpread', ["node(s) didn't match pod topology spread constraints"]);
const noLabel = new Rejection(
  'PodTopologySpread',
  ["node(s) didn't match pod topology spread constraints (missing required label)"],
  true,
);
const foo = { foo: '' };
const bar = { bar: '' };
const host = 'kubernetes.io/hostname';

const constraint = (
  topologyKey: string,
  whenUnsatisfiable: string,
  more: Partial<TopologySpreadConstraint> = {},
): TopologySpreadConstraint => ({
  topologyKey,
  whenUnsatisfiable,
  maxSkew: 1,
  labelSelector: { matchExpressions: [{ key: 'foo', operator: 'Exists' }] },
  ...more,
});
const hard = (key: string, more?: Partial<TopologySpreadConstraint>) =>
  constraint(key, 'DoNotSchedule', more);
const soft = (key: string, more?: Partial<TopologySpreadConstraint>) =>
  constraint(key, 'ScheduleAnyway', more);
const barSelector = { labelSelector: { matchExpressions: [{ key: 'bar', operator: 'Exists' }] } };
const withoutSelector = ({ labelSelector, ...rest }: TopologySpreadConstraint): TopologySpreadConstraint =>
  rest;
const spreading = (...spread: TopologySpreadConstraint[]): PodShape => ({ labels: foo, spread });

/** The hostname label is the name. */
const inZone = (name: string, zone?: string): NodeShape => ({ name, ...(zone ? { labels: { zone } } : {}) });
const four = [inZone('a', 'z1'), inZone('b', 'z1'), inZone('x', 'z2'), inZone('y', 'z2')];
/** `on('aab', foo)`: two pods on node a and one on b. */
const on = (names: string, labels: Record<string, string> = foo, more: PodShape = {}): PodShape[] =>
  [...names].map((nodeName, i) => ({
    name: `${names}-${Object.keys(labels).join()}-${i}`,
    labels,
    nodeName,
    ...more,
  }));

const terminating: PodShape = { metadata: { deletionTimestamp: longAgo } };
const onlyAY: PodShape = {
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: host, operator: 'In', values: ['a', 'y'] }] }],
      },
    },
  },
};
const taint = { key: 'k', effect: 'NoSchedule' };
const tainted = four.map((node) => (node.name === 'x' ? { ...node, taints: [taint] } : node));

const filtered: [string, PodShape, NodeShape[], PodShape[], Verdict][] = [
  ['no constraints', {}, four, [], 'skipped'],
  ['only soft constraints', spreading(soft('zone')), four, [], 'skipped'],
  ['no pods', spreading(hard('zone')), four, [], ['fits', 'fits', 'fits', 'fits']],
  [
    'no pods, the pod is not selected',
    spreading(hard('zone', barSelector)),
    four,
    [],
    ['fits', 'fits', 'fits', 'fits'],
  ],
  [
    'pods of other namespaces do not count',
    spreading(hard('zone')),
    four,
    [...on('ab', foo, { namespace: 'n' }), ...on('xy')],
    ['fits', 'fits', uneven, uneven],
  ],
  [
    'no selector selects nothing',
    spreading(withoutSelector(hard('zone'))),
    four,
    on('xy'),
    ['fits', 'fits', 'fits', 'fits'],
  ],
  ['3/3 over zones', spreading(hard('zone')), four, on('aabyyy'), ['fits', 'fits', 'fits', 'fits']],
  [
    'a node lacks the label',
    spreading(hard('zone')),
    [four[0]!, inZone('b'), four[2]!, four[3]!],
    on('abxy'),
    ['fits', noLabel, uneven, uneven],
  ],
  ['every node lacks the label', spreading(hard('rack')), four, [], [noLabel, noLabel, noLabel, noLabel]],
  ['2/1/0/3 over nodes', spreading(hard(host)), four, on('aabyyy'), [uneven, uneven, 'fits', uneven]],
  [
    '2/1/0/3, skew 2',
    spreading(hard(host, { maxSkew: 2 })),
    four,
    on('aabyyy'),
    [uneven, 'fits', 'fits', uneven],
  ],
  [
    '2/1/0/3, the pod is not selected',
    { labels: bar, spread: [hard(host)] },
    four,
    on('aabyyy'),
    [uneven, 'fits', 'fits', uneven],
  ],
  [
    'only nodes of the affinity count: 2/-/-/3',
    { ...spreading(hard(host)), ...onlyAY },
    four,
    on('aabyyy'),
    ['fits', 'fits', 'fits', uneven],
  ],
  [
    'nodeAffinityPolicy Ignore: 2/1/0/3',
    { ...spreading(hard(host, { nodeAffinityPolicy: 'Ignore' })), ...onlyAY },
    four,
    on('aabyyy'),
    [uneven, uneven, 'fits', uneven],
  ],
  ['tainted nodes count', spreading(hard(host)), tainted, on('aby'), [uneven, uneven, 'fits', uneven]],
  [
    'nodeTaintsPolicy Honor: tainted nodes do not count',
    spreading(hard(host, { nodeTaintsPolicy: 'Honor' })),
    tainted,
    on('aby'),
    ['fits', 'fits', 'fits', 'fits'],
  ],
  [
    'nodeTaintsPolicy Honor: tolerated taints count',
    { ...spreading(hard(host, { nodeTaintsPolicy: 'Honor' })), tolerations: [{ operator: 'Exists' }] },
    tainted,
    on('aby'),
    [uneven, uneven, 'fits', uneven],
  ],
  [
    'terminating pods do not count',
    spreading(hard(host)),
    four.slice(0, 2),
    [...on('a', foo, terminating), ...on('b')],
    ['fits', uneven],
  ],
  [
    'fewer domains than minDomains: 2/2/1',
    spreading(hard(host, { maxSkew: 2, minDomains: 4 })),
    four.slice(0, 3),
    on('aabbx'),
    [uneven, uneven, 'fits'],
  ],
  [
    'more domains than minDomains: 2/2/1',
    spreading(hard(host, { maxSkew: 2, minDomains: 2 })),
    four.slice(0, 3),
    on('aabbx'),
    ['fits', 'fits', 'fits'],
  ],
  [
    'fewer zones than minDomains: 2/1',
    spreading(hard('zone', { maxSkew: 2, minDomains: 3 })),
    four,
    on('aby'),
    [uneven, uneven, 'fits', 'fits'],
  ],
  [
    'two constraints that agree',
    spreading(hard('zone'), hard(host)),
    four,
    on('aabyyy'),
    [uneven, uneven, 'fits', uneven],
  ],
  [
    'two constraints that no node satisfies',
    spreading(hard('zone'), hard(host)),
    four,
    on('aabxx'),
    [uneven, uneven, uneven, 'fits'],
  ],
  [
    'matchLabelKeys narrow the selector',
    { labels: { foo: '', v: '2' }, spread: [hard('zone', { matchLabelKeys: ['v'] })] },
    four,
    [...on('ab', { foo: '', v: '1' }), ...on('x', { foo: '', v: '2' })],
    ['fits', 'fits', uneven, uneven],
  ],
];

for (const [title, pod, nodes, pods, expected] of filtered) {
  test(`filter – ${title}`, () => {
    assert.deepEqual(rejectionsOf(plugin, pod, { nodes, pods }), expected);
  });
}

/** What each step of a preemption trial leaves. */
function trial(pod: PodShape, shape: ClusterShape) {
  const { view, nodes } = clusterOf(shape);
  const filtering = plugin.preFilter?.(makePod(pod), view);
  assert.ok(filtering && !(filtering instanceof Rejection));
  const node = (name: string) => nodes.find((each) => each.name === name)!;
  return {
    add: (name: string) => filtering.addPod?.(makePod({ name: 'trial', labels: foo }), node(name)),
    remove: (name: string) => filtering.removePod?.([...node(name).pods.values()][0]!, node(name)),
    verdict: () => verdictOf(filtering, nodes),
  };
}

test('trial – a pod leaves the full zone – the zone fits again', () => {
  const run = trial(spreading(hard('zone')), { nodes: four, pods: on('ab') });
  assert.deepEqual(run.verdict(), [uneven, uneven, 'fits', 'fits']);
  run.remove('a');
  assert.deepEqual(run.verdict(), [uneven, uneven, 'fits', 'fits']);
  run.remove('b');
  assert.deepEqual(run.verdict(), ['fits', 'fits', 'fits', 'fits']);
});

test('trial – a pod joins the only empty zone – every zone fits', () => {
  const run = trial(spreading(hard('zone')), { nodes: four, pods: on('a') });
  assert.deepEqual(run.verdict(), [uneven, uneven, 'fits', 'fits']);
  run.add('y');
  assert.deepEqual(run.verdict(), ['fits', 'fits', 'fits', 'fits']);
});

test('trial – a pod joins a node without one of the keys – does not count', () => {
  const nodes = [inZone('a', 'z1'), inZone('x', 'z2'), { name: 'y', labels: { zone: 'z2', [host]: 'y' } }];
  const run = trial(spreading(hard('zone'), hard('rack')), {
    nodes: nodes.map((node) =>
      node.name === 'y' ? node : { ...node, labels: { ...node.labels, rack: node.name } },
    ),
    pods: on('a'),
  });
  run.add('y');
  assert.deepEqual(run.verdict(), [uneven, 'fits', noLabel]);
});

const scored: [string, PodShape, NodeShape[], PodShape[], string[] | undefined, 'skipped' | number[]][] = [
  ['no soft constraints', spreading(hard('zone')), four, [], undefined, 'skipped'],
  ['no pods', spreading(soft(host)), four.slice(0, 2), [], undefined, [100, 100]],
  ['one candidate', spreading(soft(host)), four.slice(0, 2), on('aab'), ['a'], [100]],
  ['as many pods everywhere', spreading(soft(host)), four.slice(0, 2), on('ab'), undefined, [100, 100]],
  ['2/1/0/3', spreading(soft(host)), four, on('aabyyy'), undefined, [20, 60, 100, 0]],
  [
    'no selector',
    spreading(withoutSelector(soft(host))),
    four,
    on('aabyyy'),
    undefined,
    [100, 100, 100, 100],
  ],
  [
    '2/1/0/3, skew 2',
    spreading(soft(host, { maxSkew: 2 })),
    four,
    on('aabyyy'),
    undefined,
    [33, 66, 100, 16],
  ],
  [
    '4/3/2/1, skew 3',
    spreading(soft(host, { maxSkew: 3 })),
    four,
    on('aaaabbbxxy'),
    undefined,
    [44, 66, 77, 100],
  ],
  ['4/2/1 of candidates', spreading(soft(host)), four, on('aaaabbxyyy'), ['a', 'b', 'x'], [33, 83, 100]],
  [
    'a candidate lacks the label',
    spreading(soft('rack')),
    [
      { name: 'a', labels: { rack: 'a' } },
      { name: 'b' },
      { name: 'x', labels: { rack: 'x' } },
      { name: 'y', labels: { rack: 'y' } },
    ],
    on('aaaabbxyyy'),
    ['a', 'b', 'x'],
    [16, 0, 100],
  ],
  ['zones 6/4', spreading(soft('zone')), four, on('aaaabbxyyy'), ['a', 'b', 'x'], [75, 75, 100]],
  ['zones and nodes', spreading(soft('zone'), soft(host)), four, on('aabxxyyyy'), ['a', 'x'], [100, 63]],
  [
    'zones by two selectors',
    spreading(soft('zone'), soft('zone', barSelector)),
    four,
    [...on('ab', { foo: '', bar: '' }), ...on('a'), ...on('y', { foo: '', bar: '' }), ...on('yy')],
    ['a', 'x'],
    [85, 100],
  ],
  [
    'zones and nodes by two selectors',
    spreading(soft('zone'), soft(host, barSelector)),
    four,
    [...on('a'), ...on('b', { foo: '', bar: '' }), ...on('y'), ...on('y', bar)],
    undefined,
    [60, 20, 100, 60],
  ],
  [
    'zones and nodes by two selectors, some nodes empty',
    spreading(soft('zone'), soft(host, barSelector)),
    four,
    [...on('b', bar), ...on('x'), ...on('y', { foo: '', bar: '' })],
    undefined,
    [100, 60, 40, 0],
  ],
  [
    'zones and nodes by two selectors, three candidates',
    spreading(soft('zone'), soft(host, barSelector)),
    four,
    [...on('a'), ...on('b', { foo: '', bar: '' }), ...on('y'), ...on('y', bar)],
    ['a', 'b', 'x'],
    [50, 25, 100],
  ],
  [
    'pods of other namespaces do not count',
    spreading(soft(host)),
    four.slice(0, 2),
    [...on('a', foo, { namespace: 'n' }), ...on('a'), ...on('bb')],
    undefined,
    [100, 33],
  ],
  [
    'terminating pods do not count',
    spreading(soft(host)),
    four.slice(0, 2),
    [...on('a', foo, terminating), ...on('b')],
    undefined,
    [100, 0],
  ],
];

for (const [title, pod, nodes, pods, candidates, expected] of scored) {
  test(`score – ${title}`, () => {
    assert.deepEqual(scoresOf(plugin, pod, { nodes, pods }, candidates), expected);
  });
}

test('score – the default constraints of a pod of a Service, nodes without zones', () => {
  const listers = { workloadSelector: () => ({ matchLabels: foo }) };
  const shape = { nodes: four, pods: on('aaaabbbxxy'), listers };
  assert.deepEqual(scoresOf(plugin, { labels: foo }, shape), [44, 66, 77, 100]);
});

test('score – a pod of no workload – is skipped', () => {
  assert.equal(scoresOf(plugin, { labels: foo }, { nodes: four }), 'skipped');
});

const other = { ...foo, more: '' };
const podHints: [string, ClusterEventKind, PodShape, PodShape | undefined, boolean][] = [
  ['a selected pod is added', 'Pod/AssignedAdd', { labels: foo }, undefined, true],
  [
    'a pod of another namespace is added',
    'Pod/AssignedAdd',
    { labels: foo, namespace: 'n' },
    undefined,
    false,
  ],
  ['a pod that is not selected is added', 'Pod/AssignedAdd', { labels: bar }, undefined, false],
  ['a selected pod is deleted', 'Pod/AssignedDelete', { labels: foo }, undefined, true],
  ['a pod that is not selected is deleted', 'Pod/AssignedDelete', { labels: bar }, undefined, false],
  ['other labels of a selected pod change', 'Pod/AssignedUpdate', { labels: other }, { labels: foo }, false],
  ['a pod comes to be selected', 'Pod/AssignedUpdate', { labels: foo }, { labels: bar }, true],
  ['a pod is no longer selected', 'Pod/AssignedUpdate', { labels: bar }, { labels: foo }, true],
  [
    'the selected label has another value',
    'Pod/AssignedUpdate',
    { labels: { foo: '2' } },
    { labels: foo },
    false,
  ],
  [
    'a selected pod starts to terminate',
    'Pod/AssignedUpdate',
    { labels: foo, ...terminating },
    { labels: foo },
    true,
  ],
];

for (const [title, kind, now, old, expected] of podHints) {
  test(`hint – ${title} – ${expected ? 'wakes' : 'does not wake'} the pod`, () => {
    const event = podEvent(kind, now, old);
    assert.equal(isHelpedBy(plugin, makePod(spreading(hard('zone'))), event), expected);
  });
}

const labelled = (labels: Record<string, string>, taints: NodeShape['taints'] = []): NodeShape => ({
  name: 'a',
  labels,
  taints,
});
const z1 = labelled({ zone: 'z1', node: 'a' });
const nodeHints: [string, ClusterEventKind, NodeShape, NodeShape | undefined, boolean][] = [
  ['the zone of a node changes', 'Node/Labels', labelled({ zone: 'z2', node: 'a' }), z1, true],
  [
    'other labels of a counted node change',
    'Node/Labels',
    labelled({ zone: 'z1', node: 'a', x: '' }),
    z1,
    false,
  ],
  ['other labels of an uncounted node change', 'Node/Labels', labelled({ x: '' }), labelled({}), false],
  ['a node with all keys is added', 'Node/Add', z1, undefined, true],
  ['a node with one of the keys is added', 'Node/Add', labelled({ zone: 'z1' }), undefined, false],
  ['a node without the keys is added', 'Node/Add', labelled({}), undefined, false],
  ['a node gets one of the keys', 'Node/Labels', labelled({ zone: 'z1' }), labelled({}), false],
  ['a node gets the last key', 'Node/Labels', z1, labelled({ zone: 'z1' }), true],
  ['a node loses a key', 'Node/Labels', labelled({ zone: 'z1' }), z1, true],
  [
    'the taints of a counted node change',
    'Node/Taints',
    labelled({ zone: 'z1', node: 'a' }, [taint]),
    z1,
    true,
  ],
  [
    'the taints of an uncounted node change',
    'Node/Taints',
    labelled({ zone: 'z1' }, [taint]),
    labelled({ zone: 'z1' }),
    false,
  ],
];

for (const [title, kind, now, old, expected] of nodeHints) {
  test(`hint – ${title} – ${expected ? 'wakes' : 'does not wake'} the pod`, () => {
    const pod = makePod(spreading(hard('zone'), hard('node')));
    assert.equal(isHelpedBy(plugin, pod, nodeEvent(kind, now, old)), expected);
  });
}

for (const [title, node, expected] of [
  ['with all keys', z1, true],
  ['with one of the keys', labelled({ zone: 'z1' }), false],
] as const) {
  test(`hint – a node ${title} is deleted – ${expected ? 'wakes' : 'does not wake'} the pod`, () => {
    const pod = makePod(spreading(hard('zone'), hard('node')));
    const event = { kind: 'Node/Delete' as const, oldNode: makeNode(node) };
    assert.equal(isHelpedBy(plugin, pod, event), expected);
  });
}

const byZone = (whenUnsatisfiable: string) =>
  podTopologySpread({
    defaultConstraints: [{ topologyKey: 'zone', maxSkew: 1, whenUnsatisfiable }],
    isSystemDefaulted: false,
  });
const ofService = { workloadSelector: () => ({ matchLabels: foo }) };

test('filter – default constraints of the arguments – hold for a pod of a Service, not for any other', () => {
  const nodes = [
    { name: 'a', labels: { zone: 'one' } },
    { name: 'b', labels: { zone: 'two' } },
    { name: 'c' },
  ];
  const pods = [{ labels: foo, nodeName: 'a' }];
  const verdict = (listers: ClusterShape['listers']) =>
    rejectionsOf(byZone('DoNotSchedule'), { labels: foo }, { nodes, pods, ...(listers ? { listers } : {}) });
  assert.deepEqual(verdict(ofService), [uneven, 'fits', noLabel]);
  assert.equal(verdict(undefined), 'skipped');
});

test('score – default constraints of the arguments – a node without their label gets no points', () => {
  const nodes = [{ name: 'a', labels: { zone: 'one' } }, { name: 'b' }];
  const shape = { nodes, listers: ofService };
  assert.deepEqual(scoresOf(byZone('ScheduleAnyway'), { labels: foo }, shape), [100, 0]);
  assert.equal(scoresOf(byZone('DoNotSchedule'), { labels: foo }, shape), 'skipped');
});

test('score – no default constraints in the arguments – a pod of a Service is skipped', () => {
  const none = podTopologySpread({ defaultConstraints: [], isSystemDefaulted: false });
  assert.equal(scoresOf(none, { labels: foo }, { nodes: four, listers: ofService }), 'skipped');
});
