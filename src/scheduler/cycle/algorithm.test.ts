/** Which node a pod gets, and the message when there is none: cluster and pod in, node or message out. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { boundClaim, storedClaim, storedVolume } from '#testing/objects/volumes.ts';
import { makeNode, makePod, type NodeShape, type PodShape, seeded } from '#testing/scheduling/objects.ts';
import { ClusterCache } from '../cache/cache.ts';
import { violating } from '../cache/disruption-budgets.ts';
import { noListers } from '../cache/listers.ts';
import { PodInfo } from '../cache/pod-info.ts';
import { defaultPlugins } from '../plugins/list.ts';
import { Algorithm } from './algorithm.ts';
import { sampleSize } from './search.ts';

function schedule(nodes: NodeShape[], placed: [PodShape, string][], pod: PodShape): string {
  const cache = new ClusterCache();
  for (const node of nodes) cache.setNode(makeNode(node));
  for (const [shape, nodeName] of placed) cache.setPod(makePod({ ...shape, nodeName }).pod);
  const algorithm = new Algorithm({ plugins: defaultPlugins, random: seeded(1) });
  const result = algorithm.schedule(makePod(pod), cache);
  return 'failure' in result ? result.failure.message() : result.node.name;
}

const small = { cpu: '1', memory: '1Gi' };

test('a pod – resources, selectors, taints – is placed on a node that fits', () => {
  assert.equal(schedule([{ name: 'a' }], [], {}), 'a');
  assert.equal(schedule([{ name: 'a', ...small }, { name: 'b' }], [], { cpu: '2' }), 'b');
  assert.equal(schedule([{ name: 'a' }, { name: 'b' }], [[{ name: 'x', cpu: '3' }, 'a']], { cpu: '2' }), 'b');
  assert.equal(
    schedule([{ name: 'a' }, { name: 'b', labels: { d: 'ssd' } }], [], { nodeSelector: { d: 'ssd' } }),
    'b',
  );
  const gt = { key: 'n', operator: 'Gt', values: ['4'] };
  const affinity = {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [gt] }] },
    },
  };
  assert.equal(
    schedule(
      [
        { name: 'a', labels: { n: '4' } },
        { name: 'b', labels: { n: '5' } },
      ],
      [],
      { affinity },
    ),
    'b',
  );
});

test('scoring – an emptier node – is preferred', () => {
  const placed: [PodShape, string][] = [[{ name: 'x', cpu: '1', memory: '1Gi' }, 'a']];
  for (let i = 0; i < 5; i++) assert.equal(schedule([{ name: 'a' }, { name: 'b' }], placed, {}), 'b');
});

test('scoring – soft taints and preferred affinity – count', () => {
  const soft = { key: 'k', value: 'v', effect: 'PreferNoSchedule' };
  assert.equal(schedule([{ name: 'a', taints: [soft] }, { name: 'b' }], [], {}), 'b');
  const preference = { matchExpressions: [{ key: 'd', operator: 'Exists' }] };
  const affinity = {
    nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, preference }] },
  };
  assert.equal(schedule([{ name: 'a' }, { name: 'b', labels: { d: '' } }], [], { affinity }), 'b');
});

test("a pod that fits nowhere – for each reason – has upstream's message", () => {
  const taint = { key: 'key', value: 'value', effect: 'NoSchedule' };
  const noVictims = 'no new claims to deallocate, preemption: 0/3 nodes are available: ';
  assert.equal(schedule([], [], {}), 'no nodes available to schedule pods');
  assert.equal(
    schedule(
      [{ name: 'a', taints: [taint] }, { name: 'b' }, { name: 'c' }],
      [
        [{ name: 'x', cpu: '3' }, 'b'],
        [{ name: 'y', cpu: '3' }, 'c'],
      ],
      { cpu: '2' },
    ),
    '0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu. ' +
      `${noVictims}1 Preemption is not helpful for scheduling, 2 No preemption victims found for incoming pod.`,
  );
  assert.equal(
    schedule([{ name: 'a' }], [], { nodeSelector: { disktype: 'ssd' } }),
    "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector. " +
      'no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.',
  );
  assert.equal(
    schedule([{ name: 'a', unschedulable: true }], [], { preemptionPolicy: 'Never' }),
    '0/1 nodes are available: 1 node(s) were unschedulable. no new claims to deallocate, preemption: not eligible due to preemptionPolicy=Never.',
  );
  assert.equal(
    schedule([{ name: 'a' }], [[{ name: 'x', hostPort: 80 }, 'a']], { hostPort: 80 }),
    "0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports. " +
      'no new claims to deallocate, preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.',
  );
});

test('a pod that needs a feature – is placed on a node that declares it', () => {
  const feature = 'RestartAllContainersOnContainerExits';
  const able = { name: 'able', declaredFeatures: ['A', feature] };
  assert.equal(schedule([{ name: 'a', declaredFeatures: ['A'] }, able], [], { restartsAll: true }), 'able');
  assert.equal(
    schedule([{ name: 'a' }], [], { restartsAll: true }),
    "0/1 nodes are available: 1 node(s) didn't match Pod's required features. " +
      'no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.',
  );
});

test('volumes – unbound, missing, in another zone – keep the pod back, or limit its nodes', () => {
  const cache = new ClusterCache({
    ...noListers,
    claim(_namespace, name) {
      if (name === 'free') return storedClaim('free');
      return name === 'disk' ? boundClaim('disk', 'pv') : undefined;
    },
    volume: () => storedVolume('pv', { nodeAffinity: { required: { nodeSelectorTerms: [onB] } } }),
  });
  const onB = { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['b'] }] };
  for (const name of ['a', 'b']) cache.setNode(makeNode({ name }));
  const algorithm = new Algorithm({ plugins: defaultPlugins, random: seeded(1) });
  const place = (claimName: string) => {
    const { pod } = makePod({});
    pod.spec!.volumes = [{ name: 'v', persistentVolumeClaim: { claimName } }];
    const result = algorithm.schedule(new PodInfo(pod), cache);
    return 'failure' in result ? result.failure.message() : result.node.name;
  };
  assert.equal(place('disk'), 'b');
  // Upstream's plugin of device claims fails when a plugin before it rejected the pod: no preemption is tried.
  const notHelpful = 'not found';
  assert.equal(
    place('free'),
    `0/2 nodes are available: pod has unbound immediate PersistentVolumeClaims. ${notHelpful}`,
  );
  assert.equal(
    place('none'),
    `0/2 nodes are available: persistentvolumeclaim "none" not found. ${notHelpful}`,
  );
});

test('requests – init containers, sidecars, overhead – are counted', () => {
  const fits = (pod: PodShape) => schedule([{ name: 'a', cpu: '1' }], [], pod) === 'a';
  assert.ok(fits({ cpu: '400m', initCpu: ['1'] }));
  assert.ok(!fits({ cpu: '400m', initCpu: ['1100m'] }));
  assert.ok(fits({ cpu: '400m', sidecarCpu: ['600m'] }));
  assert.ok(!fits({ cpu: '500m', sidecarCpu: ['600m'] }));
  assert.ok(!fits({ cpu: '100m', sidecarCpu: ['500m'], initCpu: ['600m'] }));
  assert.ok(!fits({ cpu: '900m', overheadCpu: '200m' }));
});

test('preemption – a pod of higher priority – removes the cheapest victims', () => {
  const cache = new ClusterCache();
  for (const name of ['a', 'b']) cache.setNode(makeNode({ name }));
  cache.setPod(makePod({ name: 'low', cpu: '3', priority: 1, nodeName: 'a' }).pod);
  cache.setPod(makePod({ name: 'mid', cpu: '3', priority: 5, nodeName: 'b' }).pod);
  const algorithm = new Algorithm({ plugins: defaultPlugins, random: seeded(1) });
  const result = algorithm.schedule(makePod({ cpu: '2', priority: 10 }), cache);
  assert.ok('failure' in result);
  assert.equal(result.nominatedNode, 'a');
  assert.deepEqual(
    result.victims?.map((victim) => victim.key),
    ['default/low'],
  );
  assert.equal(cache.node('a')?.requested.milliCpu, 3000, 'the trial leaves no trace');
  assert.equal(result.failure.message(), '0/2 nodes are available: 2 Insufficient cpu.');
});

test('preemption – nominated to a node that can never fit – looks for another node', () => {
  const cache = new ClusterCache();
  for (const name of ['a', 'b']) cache.setNode(makeNode({ name }));
  cache.setPod(makePod({ name: 'victim', cpu: '3', nodeName: 'a' }).pod);
  cache.setPod(makePod({ name: 'other', cpu: '3', nodeName: 'b' }).pod);
  const urgent = makePod({ name: 'urgent', cpu: '2', priority: 10 });
  cache.nominations.set(urgent, 'a');
  cache.nominations.addVictim('default/victim');
  const algorithm = new Algorithm({ plugins: defaultPlugins, random: seeded(1) });
  const again = () => {
    const result = algorithm.schedule(urgent, cache);
    assert.ok('failure' in result);
    return result.nominatedNode ?? result.failure.message();
  };
  assert.match(again(), /not eligible due to a terminating pod on the nominated node\.$/);
  cache.setNode(makeNode({ name: 'a', unschedulable: true }));
  assert.equal(again(), 'b');
});

test('preemption – no nodes – clears an earlier nomination', () => {
  const algorithm = new Algorithm({ plugins: defaultPlugins, random: seeded(1) });
  const result = algorithm.schedule(makePod({}), new ClusterCache());
  assert.equal('failure' in result && result.nominatedNode, '');
});

test('preemption – a candidate that violates a budget – the search goes on for one that does not', () => {
  const budget = { spec: { selector: { matchLabels: { app: 'db' } } }, status: disruptions(0) };
  const cache = new ClusterCache({ ...noListers, disruptionBudgets: () => [budget] });
  for (let i = 0; i < 150; i++) {
    cache.setNode(makeNode({ name: `n${i}` }));
    const labels: Record<string, string> = i === 120 ? {} : { app: 'db' };
    cache.setPod(makePod({ name: `p${i}`, labels, cpu: '3', nodeName: `n${i}` }).pod);
  }
  const first = { ...seeded(1), float: () => 0 };
  const algorithm = new Algorithm({ plugins: defaultPlugins, random: first });
  const result = algorithm.schedule(makePod({ cpu: '2', priority: 10 }), cache);
  assert.equal('failure' in result && result.nominatedNode, 'n120');
});

test('preemption – a pod protected by a budget – is the last victim', () => {
  const budget = { spec: { selector: { matchLabels: { app: 'db' } } }, status: disruptions(0) };
  const cache = new ClusterCache({ ...noListers, disruptionBudgets: () => [budget] });
  for (const name of ['a', 'b']) cache.setNode(makeNode({ name }));
  cache.setPod(makePod({ name: 'db', labels: { app: 'db' }, cpu: '3', priority: 1, nodeName: 'a' }).pod);
  cache.setPod(makePod({ name: 'web', cpu: '3', priority: 5, nodeName: 'b' }).pod);
  const algorithm = new Algorithm({ plugins: defaultPlugins, random: seeded(1) });
  const victims = () => {
    const result = algorithm.schedule(makePod({ cpu: '2', priority: 10 }), cache);
    return 'failure' in result ? result.victims?.map((victim) => victim.key) : undefined;
  };
  assert.deepEqual(victims(), ['default/web'], 'although it is the more important one');
  budget.status = disruptions(1);
  assert.deepEqual(victims(), ['default/db']);
});

function disruptions(disruptionsAllowed: number) {
  return { currentHealthy: 1, desiredHealthy: 1, expectedPods: 1, disruptionsAllowed };
}

test('preemption – a budget with an empty selector – protects no pod', () => {
  const budget = { spec: { selector: { matchLabels: {} } }, status: disruptions(0) };
  const guarded = violating([makePod({ labels: { app: 'db' } })], () => [budget]);
  assert.equal(guarded.size, 0);
});

test('sampleSize – by number of nodes – as upstream', () => {
  assert.deepEqual(
    [10, 99, 100, 1000, 5000, 10_000].map((count) => sampleSize(count, 0)),
    [10, 99, 100, 420, 500, 500],
  );
});
