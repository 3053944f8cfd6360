/** Which pods are removed, and what is written before: seen on a pod that a finalizer keeps. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { namespaces, nodes, pods } from '#api/generated/kinds.gen.ts';
import type { Pod } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { changedName } from '#testing/controllers/changed-name.ts';
import { DryController } from '#testing/controllers/dry-controller.ts';
import { carryOutOn, printed } from '#testing/controllers/plans.ts';
import { longAgo, storedNode, storedPod } from '#testing/objects.ts';
import { startTestServer } from '#testing/server/test-server.ts';
import { collect, podGc } from './pod-gc.ts';

const deleted = { deletionTimestamp: longAgo };
const outOfService = [{ key: 'node.kubernetes.io/out-of-service', effect: 'NoExecute' }];
const here = storedNode('here');
const silent = storedNode('silent', { ready: 'Unknown', spec: { taints: outOfService } });
const taken = storedNode('taken', { spec: { taints: outOfService } });
const cached = [here, silent, taken];

const rows: [string, Stored<Pod>, string[]][] = [
  ['that runs', storedPod('p', { node: 'here' }), []],
  ['that is deleted and has no node', storedPod('p', { metadata: deleted }), ['patch p', 'delete p']],
  ['that is deleted and has a node', storedPod('p', { node: 'here', metadata: deleted }), []],
  ['of a lost node', storedPod('p', { node: 'gone' }), ['patch p', 'delete p']],
  ['of a lost node, ended', storedPod('p', { node: 'gone', phase: 'Failed' }), ['delete p']],
  ['out of service', storedPod('p', { node: 'silent', metadata: deleted }), ['patch p', 'delete p']],
  ['out of service, not deleted', storedPod('p', { node: 'silent' }), []],
  ['out of service, on a ready node', storedPod('p', { node: 'taken', metadata: deleted }), []],
];
for (const [name, pod, expected] of rows) {
  test(`a pod ${name} – ${expected.join(', ') || 'it stays'}`, () => {
    const node = (wanted: string) => cached.find(({ metadata }) => metadata.name === wanted);
    const actions = collect({ pods: [pod], node, lostNodes: new Set(['gone']), nowMs: 0 });
    const done = actions.flatMap((action) =>
      action.do === 'patch' ? [action, ...(action.ifDone ?? [])] : [action],
    );
    assert.deepEqual(
      done.map((action) => `${action.do} ${changedName(action)}`),
      expected,
    );
  });
}

test('too many ended pods – evicted ones are deleted first, then the oldest', () => {
  const ended = (name: string, creationTimestamp: string, reason = '') =>
    storedPod(name, {
      phase: 'Failed',
      metadata: { creationTimestamp },
      status: { phase: 'Failed', reason },
    });
  const all = [
    ended('young', '2026-01-03T00:00:00Z'),
    ended('old', '2026-01-01T00:00:00Z'),
    ended('evicted', '2026-01-02T00:00:00Z', 'Evicted'),
    storedPod('running'),
  ];
  const view = { pods: all, node: () => undefined, lostNodes: new Set<string>(), nowMs: 0, endedPodsMax: 1 };
  assert.deepEqual(printed(collect(view)), [
    'delete Pod default/evicted ignoring any refusal',
    'delete Pod default/old ignoring any refusal',
  ]);
});

test('a node that is missing – its pods are removed after 40 s, unless the node comes back', async () => {
  const controller = new DryController(podGc).put(pods, storedPod('p', { node: 'n', phase: 'Succeeded' }));
  assert.deepEqual(controller.woken(), ['pods after 20000 ms'], 'no change wakes it');
  const nothing = ['again after 20000 ms'];
  assert.deepEqual(await controller.printed('pods'), nothing);
  await controller.clock.advance(20_000);
  assert.deepEqual(await controller.printed('pods'), nothing);
  await controller.clock.advance(20_000);
  assert.deepEqual(await controller.printed('pods'), [
    'together',
    '  delete Pod default/p ignoring any refusal',
    'again after 20000 ms',
  ]);
  controller.put(nodes, storedNode('n'));
  assert.deepEqual(await controller.printed('pods'), nothing);
});

test('pod GC – a pod of a node that is gone – failed, its status and condition say for which generation', async () => {
  await using api = await startTestServer();
  const { env, client } = api;
  const namespace = 'default';
  await client.create(namespaces, { metadata: { name: namespace } });
  const containers = [{ name: 'c', image: 'i' }];
  const pod = await client.create(pods, {
    metadata: { name: 'lost', namespace, finalizers: ['example.com/kept'] },
    spec: { nodeName: 'gone', containers },
  });
  const lostNodes = new Set(['gone']);
  const actions = collect({ pods: [pod], node: () => undefined, lostNodes, nowMs: 0, endedPodsMax: 10 });
  await carryOutOn(client, env, actions);
  const { metadata, status } = await client.get(pods, { namespace, name: 'lost' });
  assert.ok(metadata.deletionTimestamp);
  assert.equal(status?.phase, 'Failed');
  assert.equal(status.observedGeneration, 1);
  const condition = status.conditions?.find(({ type }) => type === 'DisruptionTarget');
  assert.deepEqual([condition?.reason, condition?.observedGeneration], ['DeletionByPodGC', 1]);
});
