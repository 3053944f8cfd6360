/**
 * InterPodAffinity: required terms of the pod and of placed pods, scores by preferred terms, trials, and what
 * wakes a pod.
 */

import assert from 'node:assert/strict';
import test, { describe } from 'node:test';
import { usualPluginArguments } from '#api/configuration/scheduler/plugin-arguments.ts';
import type { Affinity, LabelSelector, PodAffinityTerm } from '#api/generated/types.gen.ts';
import { makePod, type NodeShape, type PodShape } from '#testing/scheduling/objects.ts';
import {
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
import { interPodAffinity as interPodAffinityWith } from './inter-pod-affinity.ts';

const interPodAffinity = interPodAffinityWith(usualPluginArguments.interPodAffinity);

const noAffinity = new Rejection('InterPodAffinity', ["node(s) didn't match pod affinity rules"], true);
const hasAnti = new Rejection('InterPodAffinity', ["node(s) didn't match pod anti-affinity rules"]);
const placedAnti = new Rejection('InterPodAffinity', [
  "node(s) didn't satisfy existing pods anti-affinity rules",
]);

const has = (key: string): LabelSelector => ({ matchExpressions: [{ key, operator: 'Exists' }] });
const term = (key: string, topologyKey: string, more: Partial<PodAffinityTerm> = {}): PodAffinityTerm => ({
  labelSelector: has(key),
  topologyKey,
  ...more,
});
const withAffinity = (...requiredDuringSchedulingIgnoredDuringExecution: PodAffinityTerm[]): Affinity => ({
  podAffinity: { requiredDuringSchedulingIgnoredDuringExecution },
});
const withAnti = (...requiredDuringSchedulingIgnoredDuringExecution: PodAffinityTerm[]): Affinity => ({
  podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution },
});
const near = (...terms: PodAffinityTerm[]): PodShape => ({ affinity: withAffinity(...terms) });
const apart = (...terms: PodAffinityTerm[]): PodShape => ({ affinity: withAnti(...terms) });
const labelled = (...keys: string[]): PodShape => ({
  labels: Object.fromEntries(keys.map((key) => [key, ''])),
});

const node = (name: string, labels: Record<string, string>): NodeShape => ({ name, labels });
const regions = [
  node('a', { region: 'china' }),
  node('b', { region: 'china', az: 'az1' }),
  node('c', { region: 'india' }),
];
const zones = [node('a', { region: 'r1', zone: 'z1' }), node('b', { region: 'r1', zone: 'z2' })];
const threeZones = [...zones, node('c', { region: 'r1', zone: 'z3' })];
const onA = (...keys: string[]): PodShape => ({ ...labelled(...keys), nodeName: 'a' });
const onB = (...keys: string[]): PodShape => ({ ...labelled(...keys), nodeName: 'b' });
const namespaceLabels = (namespace: string) => ({ team: namespace });
const ofTeam = (team: string): Partial<PodAffinityTerm> => ({ namespaceSelector: { matchLabels: { team } } });

const filtered: [string, PodShape, NodeShape[], PodShape[], Verdict][] = [
  ['no terms anywhere', {}, zones, [], 'skipped'],
  ['affinity without pods', near(term('foo', 'zone')), zones, [], [noAffinity, noAffinity]],
  [
    'affinity – the topology of a matching pod',
    near(term('foo', 'region')),
    regions,
    [onA('foo')],
    ['fits', 'fits', noAffinity],
  ],
  [
    'affinity – a pod that does not match',
    near(term('foo', 'zone')),
    zones,
    [onA('bar')],
    [noAffinity, noAffinity],
  ],
  [
    'affinity – a pod of another namespace',
    near(term('foo', 'zone')),
    zones,
    [{ ...onA('foo'), namespace: 'n' }],
    [noAffinity, noAffinity],
  ],
  [
    'affinity – a named namespace',
    near(term('foo', 'zone', { namespaces: ['n'] })),
    zones,
    [{ ...onA('foo'), namespace: 'n' }],
    ['fits', noAffinity],
  ],
  [
    'affinity – a selected namespace',
    near(term('foo', 'zone', ofTeam('n'))),
    zones,
    [{ ...onA('foo'), namespace: 'n' }],
    ['fits', noAffinity],
  ],
  [
    'affinity – another selected namespace',
    near(term('foo', 'zone', ofTeam('m'))),
    zones,
    [{ ...onA('foo'), namespace: 'n' }],
    [noAffinity, noAffinity],
  ],
  [
    'affinity – the first of a group that selects itself',
    { ...near(term('foo', 'zone'), term('service', 'zone')), ...labelled('foo', 'service') },
    zones,
    [onA('foo')],
    ['fits', 'fits'],
  ],
  [
    'affinity – the first of a group on nodes without the key',
    { ...near(term('foo', 'rack')), ...labelled('foo') },
    zones,
    [],
    [noAffinity, noAffinity],
  ],
  [
    'affinity – one pod matches every term',
    near(term('foo', 'region'), term('bar', 'zone')),
    zones,
    [onA('foo', 'bar')],
    ['fits', noAffinity],
  ],
  [
    'affinity – two pods match a term each',
    near(term('foo', 'region'), term('bar', 'zone')),
    zones,
    [onA('foo'), onB('bar')],
    [noAffinity, noAffinity],
  ],
  [
    'anti-affinity – the topology of a matching pod',
    apart(term('foo', 'region')),
    regions,
    [onA('foo')],
    [hasAnti, hasAnti, 'fits'],
  ],
  [
    'anti-affinity – any of the terms',
    apart(term('foo', 'region'), term('bar', 'zone')),
    zones,
    [onA('foo', 'bar')],
    [hasAnti, hasAnti],
  ],
  [
    'anti-affinity – nodes without the key',
    apart(term('foo', 'rack')),
    zones,
    [onA('foo')],
    ['fits', 'fits'],
  ],
  [
    'anti-affinity – one term on a key that no node has',
    apart(term('foo', 'rack'), term('bar', 'zone')),
    zones,
    [onA('foo', 'bar')],
    [hasAnti, 'fits'],
  ],
  [
    'anti-affinity – every namespace',
    apart(term('foo', 'zone', { namespaceSelector: {} })),
    zones,
    [{ ...onA('foo'), namespace: 'n' }],
    [hasAnti, 'fits'],
  ],
  [
    'placed anti-affinity – selects the pod',
    labelled('foo'),
    zones,
    [{ ...apart(term('foo', 'zone')), nodeName: 'a' }],
    [placedAnti, 'fits'],
  ],
  [
    'placed anti-affinity – selects others',
    labelled('bar'),
    zones,
    [{ ...apart(term('foo', 'zone')), nodeName: 'a' }],
    ['fits', 'fits'],
  ],
  [
    'placed anti-affinity – a key that no node has',
    labelled('foo'),
    zones,
    [{ ...apart(term('foo', 'rack')), nodeName: 'a' }],
    'skipped',
  ],
  [
    'placed anti-affinity – of several pods',
    labelled('foo', 'bar'),
    threeZones,
    [
      { ...apart(term('foo', 'zone'), term('x', 'zone')), nodeName: 'a' },
      { ...apart(term('bar', 'zone'), term('y', 'zone')), nodeName: 'b' },
    ],
    [placedAnti, placedAnti, 'fits'],
  ],
  [
    "the pod's own anti-affinity is named first",
    { ...apart(term('foo', 'zone')), ...labelled('bar') },
    zones,
    [{ ...onA('foo'), ...apart(term('bar', 'zone')) }],
    [hasAnti, 'fits'],
  ],
  [
    'affinity is named before anti-affinity',
    { affinity: { ...withAffinity(term('foo', 'zone')), ...withAnti(term('bar', 'zone')) } },
    zones,
    [onA('bar')],
    [noAffinity, noAffinity],
  ],
];

for (const [title, pod, nodes, pods, expected] of filtered) {
  test(`filter – ${title}`, () => {
    const listers = { namespaceLabels };
    assert.deepEqual(rejectionsOf(interPodAffinity, pod, { nodes, pods, listers }), expected);
  });
}

describe('trial – a conflicting pod is removed and added again – follows', () => {
  for (const [title, pod, placed, rejection] of [
    ['of the pod’s own term', apart(term('foo', 'zone')), onA('foo'), hasAnti],
    [
      'of a term of the placed pod',
      labelled('foo'),
      { ...apart(term('foo', 'zone')), nodeName: 'a' },
      placedAnti,
    ],
  ] as const) {
    test(title, () => {
      const { view, nodes } = clusterOf({ nodes: zones, pods: [placed] });
      const filtering = interPodAffinity.preFilter?.(makePod(pod), view);
      assert.ok(filtering && !(filtering instanceof Rejection));
      const [other] = nodes[0]!.pods.values();
      assert.deepEqual(verdictOf(filtering, nodes), [rejection, 'fits']);
      filtering.removePod?.(other!, nodes[0]!);
      assert.deepEqual(verdictOf(filtering, nodes), ['fits', 'fits']);
      filtering.addPod?.(other!, nodes[0]!);
      assert.deepEqual(verdictOf(filtering, nodes), [rejection, 'fits']);
    });
  }
});

const wishing = (weight: number, ...terms: PodAffinityTerm[]) =>
  terms.map((podAffinityTerm) => ({ weight, podAffinityTerm }));
const preferring = (weight: number, ...terms: PodAffinityTerm[]): PodShape => ({
  affinity: { podAffinity: { preferredDuringSchedulingIgnoredDuringExecution: wishing(weight, ...terms) } },
});
const avoiding = (weight: number, ...terms: PodAffinityTerm[]): PodShape => ({
  affinity: {
    podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: wishing(weight, ...terms) },
  },
});

const scored: [string, PodShape, NodeShape[], PodShape[], 'skipped' | number[]][] = [
  ['no terms anywhere', labelled('foo'), zones, [onA('foo')], 'skipped'],
  [
    'affinity – the region of a matching pod',
    preferring(5, term('foo', 'region')),
    regions,
    [onA('foo')],
    [100, 100, 0],
  ],
  [
    'affinity – more matching pods',
    preferring(5, term('foo', 'zone')),
    threeZones,
    [onA('foo'), onB('foo'), onB('foo')],
    [50, 100, 0],
  ],
  [
    'affinity – weights add up',
    {
      affinity: {
        podAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [
            ...wishing(2, term('foo', 'zone')),
            ...wishing(8, term('bar', 'zone')),
          ],
        },
      },
    },
    threeZones,
    [onA('foo'), onB('foo', 'bar')],
    [20, 100, 0],
  ],
  [
    'affinity – selected namespaces',
    preferring(5, term('foo', 'zone', ofTeam('n'))),
    zones,
    [{ ...onA('foo'), namespace: 'n' }, onB('foo')],
    [100, 0],
  ],
  ['anti-affinity – a matching pod', avoiding(5, term('foo', 'zone')), zones, [onA('foo')], [0, 100]],
  ['anti-affinity – nodes without the key', avoiding(5, term('foo', 'rack')), zones, [onA('foo')], 'skipped'],
  [
    'anti-affinity – more matching pods',
    avoiding(5, term('foo', 'zone')),
    zones,
    [onA('foo'), onA('foo'), onB('foo')],
    [0, 100],
  ],
  [
    'affinity of a placed pod',
    labelled('foo'),
    zones,
    [{ ...preferring(5, term('foo', 'zone')), nodeName: 'b' }],
    [0, 100],
  ],
  [
    'anti-affinity of a placed pod',
    labelled('foo'),
    zones,
    [{ ...avoiding(5, term('foo', 'zone')), nodeName: 'b' }],
    [100, 0],
  ],
  [
    'required affinity of a placed pod',
    labelled('foo'),
    zones,
    [{ ...near(term('foo', 'zone')), nodeName: 'b' }],
    [0, 100],
  ],
  [
    'required affinity of a placed pod counts 1',
    labelled('foo'),
    threeZones,
    [
      { ...near(term('foo', 'zone')), nodeName: 'b' },
      { ...preferring(2, term('foo', 'zone')), nodeName: 'c' },
    ],
    [0, 50, 100],
  ],
  [
    'affinity of a placed pod with selected namespaces',
    { ...labelled('foo'), namespace: 'n' },
    zones,
    [{ ...preferring(5, term('foo', 'zone', ofTeam('n'))), nodeName: 'a' }],
    [100, 0],
  ],
];

for (const [title, pod, nodes, pods, expected] of scored) {
  test(`score – ${title}`, () => {
    const listers = { namespaceLabels };
    assert.deepEqual(scoresOf(interPodAffinity, pod, { nodes, pods, listers }), expected);
  });
}

const foo = labelled('foo');
const bar = labelled('bar');
const both = labelled('foo', 'bar');
const podHints: [string, PodShape, ClusterEventKind, PodShape, PodShape | undefined, boolean][] = [
  ['affinity – a matching pod is added', near(term('foo', 'zone')), 'Pod/AssignedAdd', foo, undefined, true],
  ['affinity – another pod is added', near(term('foo', 'zone')), 'Pod/AssignedAdd', bar, undefined, false],
  ['affinity – a pod comes to match', near(term('foo', 'zone')), 'Pod/AssignedUpdate', foo, bar, true],
  ['affinity – a pod matched before', near(term('foo', 'zone')), 'Pod/AssignedUpdate', both, foo, false],
  ['affinity – a pod no longer matches', near(term('foo', 'zone')), 'Pod/AssignedUpdate', bar, foo, false],
  [
    'affinity – a pod comes to match one of two terms',
    near(term('foo', 'zone'), term('bar', 'zone')),
    'Pod/AssignedUpdate',
    foo,
    labelled('x'),
    false,
  ],
  [
    'affinity – a pod comes to match the second of two terms',
    near(term('foo', 'zone'), term('bar', 'zone')),
    'Pod/AssignedUpdate',
    both,
    foo,
    true,
  ],
  [
    'affinity – the last pod of the group is deleted, the pod becomes its first',
    { ...near(term('foo', 'zone')), ...foo },
    'Pod/AssignedDelete',
    foo,
    undefined,
    true,
  ],
  [
    'affinity – a pod of a namespace that may be selected is added',
    near(term('foo', 'zone', ofTeam('n'))),
    'Pod/AssignedAdd',
    { ...foo, namespace: 'n' },
    undefined,
    true,
  ],
  [
    'anti-affinity – a pod no longer matches',
    apart(term('foo', 'zone')),
    'Pod/AssignedUpdate',
    bar,
    foo,
    true,
  ],
  ['anti-affinity – a pod comes to match', apart(term('foo', 'zone')), 'Pod/AssignedUpdate', foo, bar, false],
  [
    'anti-affinity – a matching pod is deleted',
    apart(term('foo', 'zone')),
    'Pod/AssignedDelete',
    foo,
    undefined,
    true,
  ],
  [
    'anti-affinity – another pod is deleted',
    apart(term('foo', 'zone')),
    'Pod/AssignedDelete',
    bar,
    undefined,
    false,
  ],
  [
    'a pod whose anti-affinity selects this one is deleted',
    foo,
    'Pod/AssignedDelete',
    apart(term('foo', 'zone')),
    undefined,
    true,
  ],
  [
    'a pod whose anti-affinity selects others is deleted',
    foo,
    'Pod/AssignedDelete',
    apart(term('bar', 'zone')),
    undefined,
    false,
  ],
];

for (const [title, pod, kind, now, old, expected] of podHints) {
  test(`hint – ${title} – ${expected ? 'wakes' : 'does not wake'} the pod`, () => {
    const event = podEvent(kind, now, old);
    assert.equal(isHelpedBy(interPodAffinity, makePod(pod), event), expected);
  });
}

const z = (zone?: string, more: Record<string, string> = {}) =>
  node('a', { ...(zone ? { zone } : {}), ...more });
const nearFoo = near(term('foo', 'zone'));
const apartFoo = apart(term('foo', 'zone'));
const nodeHints: [string, PodShape, NodeShape, NodeShape | undefined, boolean][] = [
  ['affinity – a node with the key is added', nearFoo, z('z1'), undefined, true],
  ['affinity – a node without the key is added', nearFoo, z(), undefined, false],
  ['affinity – other labels change', nearFoo, z('z1', { x: '' }), z('z1'), false],
  ['affinity – other labels of a node without the key change', nearFoo, z(undefined, { x: '' }), z(), false],
  ['affinity – the value changes', nearFoo, z('z2'), z('z1'), true],
  ['affinity – a node gets the key', nearFoo, z('z1'), z(), true],
  ['affinity – a node loses the key', nearFoo, z(), z('z1'), false],
  ['anti-affinity – a node with the key is added', apartFoo, z('z1'), undefined, true],
  ['anti-affinity – a node without the key is added', apartFoo, z(), undefined, true],
  ['anti-affinity – other labels change', apartFoo, z('z1', { x: '' }), z('z1'), false],
  ['anti-affinity – the value changes', apartFoo, z('z2'), z('z1'), true],
  ['anti-affinity – a node gets the key', apartFoo, z('z1'), z(), false],
  ['anti-affinity – a node loses the key', apartFoo, z(), z('z1'), true],
  ['no own terms – a node is added', foo, z(), undefined, true],
];

for (const [title, pod, now, old, expected] of nodeHints) {
  test(`hint – ${title} – ${expected ? 'wakes' : 'does not wake'} the pod`, () => {
    const event = nodeEvent(old ? 'Node/Labels' : 'Node/Add', now, old);
    assert.equal(isHelpedBy(interPodAffinity, makePod(pod), event), expected);
  });
}

const close = { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'web' } } };
const placedWithTerms = {
  nodeName: 'a',
  affinity: {
    podAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [close],
      preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 5, podAffinityTerm: close }],
    },
    podAntiAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 10, podAffinityTerm: close }],
    },
  },
};

for (const [title, args, expected] of [
  ['the required term weighs 1', {}, [0, 100]],
  ['the required term weighs more than the anti-affinity', { hardPodAffinityWeight: 50 }, [100, 0]],
  ['terms of placed pods are ignored', { ignorePreferredTermsOfExistingPods: true }, 'skipped'],
] as const) {
  test(`score – ${title}`, () => {
    const plugin = interPodAffinityWith({ ...usualPluginArguments.interPodAffinity, ...args });
    const shape = { nodes: [{ name: 'a' }, { name: 'b' }], pods: [placedWithTerms] };
    assert.deepEqual(scoresOf(plugin, { labels: { app: 'web' } }, shape), expected);
  });
}
