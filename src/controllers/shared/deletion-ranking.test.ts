import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { longAgo, type PodTraits, storedPod } from '#testing/objects.ts';
import { rankForDeletion } from './deletion-ranking.ts';

const nowMs = Date.parse('2026-01-02T00:00:00Z');
const yesterday = '2026-01-01T00:00:01Z';
const lately = '2026-01-01T23:59:00Z';
const cost = (text: string): PodTraits => ({
  metadata: { annotations: { 'controller.kubernetes.io/pod-deletion-cost': text } },
});
const status = (restartCount: number) => ({ name: 'c', ready: true, restartCount, image: 'i', imageID: 'i' });
const restarted = (restartCount: number): PodTraits => ({
  status: { containerStatuses: [status(restartCount)] },
});
const sidecarRestarted = (restartCount: number): PodTraits => ({
  spec: { initContainers: [{ name: 'c', restartPolicy: 'Always' }] },
  status: { initContainerStatuses: [status(restartCount)] },
});
const created = (creationTimestamp: string): PodTraits => ({ metadata: { creationTimestamp } });

const rows: readonly [what: string, first: PodTraits, second: PodTraits][] = [
  ['without a node before with one', { ready: longAgo }, { node: 'n' }],
  ['Pending before Unknown', { phase: 'Pending', ready: longAgo }, { phase: 'Unknown' }],
  ['Unknown before Running', { phase: 'Unknown', ready: longAgo }, { phase: 'Running' }],
  ['not ready before ready', cost('9'), { ready: longAgo }],
  ['of lower cost', cost('-1'), { ...cost('1'), ...restarted(3) }],
  ['of no valid cost before one that costs', cost('+2'), cost('1')],
  ['ready for a shorter time', { ready: lately }, { ready: yesterday, ...restarted(3) }],
  ['restarted more often', restarted(2), { ...created(lately), ...restarted(1) }],
  ['whose sidecar restarted more often', sidecarRestarted(2), { ...created(lately), ...sidecarRestarted(1) }],
  ['created later', created(lately), created(yesterday)],
];

const namesOf = (pods: readonly Stored<Pod>[]) => pods.map(({ metadata }) => metadata.name);

for (const [what, first, second] of rows) {
  test(`two pods – one ${what} – are ranked so, in whichever order they come`, () => {
    const [a, b] = [storedPod('a', first), storedPod('b', second)];
    assert.deepEqual(namesOf(rankForDeletion([b, a], [], nowMs)), ['a', 'b']);
    assert.deepEqual(namesOf(rankForDeletion([a, b], [], nowMs)), ['a', 'b']);
  });
}

test('two pods – one on a node with more related active pods – it goes first', () => {
  const [alone, crowded] = [storedPod('alone', { node: 'n1' }), storedPod('crowded', { node: 'n2' })];
  const related = [
    alone,
    crowded,
    storedPod('other', { node: 'n2' }),
    storedPod('done', { node: 'n1', phase: 'Succeeded' }),
    storedPod('failed', { node: 'n1', phase: 'Failed' }),
  ];
  assert.deepEqual(namesOf(rankForDeletion([alone, crowded], related, nowMs)), ['crowded', 'alone']);
});

test('two pods – whose ages lie within one power of two – are ranked by their uids', () => {
  const older = storedPod('a', created('2026-01-01T12:00:00Z'));
  const younger = storedPod('b', created('2026-01-01T12:00:01Z'));
  assert.deepEqual(namesOf(rankForDeletion([younger, older], [], nowMs)), ['a', 'b']);
});
