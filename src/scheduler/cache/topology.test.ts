/** Spreading and inter-pod affinity: cluster and pod in, node or message out. */

import assert from 'node:assert/strict';
import test from 'node:test';
import type { PodAffinityTerm } from '#api/generated/types.gen.ts';
import { makeNode, makePod, type PodShape, seeded } from '#testing/scheduling/objects.ts';
import { Algorithm } from '../cycle/algorithm.ts';
import { defaultPlugins } from '../plugins/list.ts';
import { ClusterCache } from './cache.ts';

const zoneKey = 'topology.kubernetes.io/zone';
const web = { app: 'web' };
const likeWeb = { matchLabels: web };

function cluster(placed: [PodShape, string][]): ClusterCache {
  const cache = new ClusterCache();
  for (const [name, zone] of [
    ['a1', 'a'],
    ['a2', 'a'],
    ['b1', 'b'],
  ] as const) {
    cache.setNode(makeNode({ name, labels: { [zoneKey]: zone } }));
  }
  placed.forEach(([shape, nodeName], i) => {
    cache.setPod(makePod({ name: `placed-${i}`, ...shape, nodeName }).pod);
  });
  return cache;
}

function schedule(cache: ClusterCache, pod: PodShape): string {
  const result = new Algorithm({ plugins: defaultPlugins, random: seeded(3) }).schedule(makePod(pod), cache);
  return 'failure' in result ? result.failure.message().split('. no new claims')[0]! : result.node.name;
}

const term = (topologyKey: string): PodAffinityTerm => ({ topologyKey, labelSelector: likeWeb });
const apart = (key: string) => ({
  podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term(key)] },
});
const together = (key: string) => ({
  podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term(key)] },
});
const preferred = (key: string) => ({
  podAffinity: {
    preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, podAffinityTerm: term(key) }],
  },
});
const spread = (whenUnsatisfiable: string, topologyKey = zoneKey) => [
  { maxSkew: 1, topologyKey, whenUnsatisfiable, labelSelector: likeWeb },
];

test('required affinity – matching pods, none yet, none that can match – their domain, any node, no node', () => {
  assert.equal(schedule(cluster([[{ labels: web }, 'b1']]), { affinity: together(zoneKey) }), 'b1');
  assert.match(schedule(cluster([]), { labels: web, affinity: together(zoneKey) }), /^[ab]\d$/);
  assert.equal(
    schedule(cluster([]), { affinity: together(zoneKey) }),
    "0/3 nodes are available: 3 node(s) didn't match pod affinity rules",
  );
});

test('required anti-affinity – in both directions – follows additions and removals', () => {
  const cache = cluster([[{ labels: web }, 'a1']]);
  assert.equal(schedule(cache, { affinity: apart(zoneKey) }), 'b1');
  cache.setPod(makePod({ name: 'loner', affinity: apart(zoneKey), nodeName: 'b1' }).pod);
  assert.match(schedule(cache, { labels: web }), /^a\d$/, 'the placed pod wants no web in its zone');
  cache.setNode(makeNode({ name: 'b1', labels: { [zoneKey]: 'a' } }));
  assert.equal(
    schedule(cache, { labels: web }),
    "0/3 nodes are available: 3 node(s) didn't satisfy existing pods anti-affinity rules",
    'the node moved to the other zone, and its pod with it',
  );
  cache.removePod('default/loner');
  assert.match(schedule(cache, { labels: web }), /^[ab]\d$/);
  assert.equal(
    schedule(cache, { affinity: apart(zoneKey) }),
    "0/3 nodes are available: 3 node(s) didn't match pod anti-affinity rules",
  );
});

test('preferred affinity – a node with matching pods – is preferred', () => {
  const cache = cluster([[{ labels: web }, 'b1']]);
  for (let i = 0; i < 5; i++) assert.equal(schedule(cache, { affinity: preferred(zoneKey) }), 'b1');
});

test('topology spread – hard and soft constraints, nodes without the label – filter, score, are left out', () => {
  const cache = cluster([[{ labels: web }, 'a1']]);
  assert.equal(schedule(cache, { labels: web, spread: spread('DoNotSchedule') }), 'b1');
  assert.equal(schedule(cache, { labels: web, spread: spread('ScheduleAnyway') }), 'b1');
  assert.match(schedule(cache, { spread: spread('DoNotSchedule') }), /^[ab]\d$/, 'it does not count itself');
  assert.equal(
    schedule(cache, { labels: web, spread: spread('DoNotSchedule', 'rack') }),
    "0/3 nodes are available: 3 node(s) didn't match pod topology spread constraints (missing required label)",
  );
  const onlyA = { labels: web, nodeSelector: { [zoneKey]: 'a' } };
  assert.match(
    schedule(cache, { ...onlyA, spread: spread('DoNotSchedule') }),
    /^a\d$/,
    'zone b does not count',
  );
});

test('preemption – a spread constraint in the way – frees its domain', () => {
  const cache = cluster([
    [{ labels: web, cpu: '3', priority: 1 }, 'b1'],
    [{ cpu: '4', priority: 20 }, 'a1'],
    [{ cpu: '4', priority: 20 }, 'a2'],
  ]);
  const pod = makePod({ labels: web, cpu: '2', priority: 10, affinity: apart(zoneKey) });
  const result = new Algorithm({ plugins: defaultPlugins, random: seeded(1) }).schedule(pod, cache);
  assert.ok('failure' in result);
  assert.equal(result.nominatedNode, 'b1');
});
