import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PodStatus } from '#api/generated/types.gen.ts';
import { storedPod } from '#testing/objects.ts';
import type { PodView } from '../runtime/pod-view.ts';
import { type PodStatusInput, podStatus, rejectedStatus, wasRejected } from './pod-status.ts';

const startTime = '2026-01-01T00:00:00Z';

interface Traits {
  readonly was?: PodStatus;
  readonly hostNetwork?: boolean;
  readonly ips?: readonly string[];
  readonly ended?: boolean;
  readonly failure?: NonNullable<PodStatusInput['failure']>;
}

function reported({ was = {}, hostNetwork = false, ips = [], ended = false, failure }: Traits): PodStatus {
  const spec = { hostNetwork, restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] };
  const sandboxes = ips.length > 0 || hostNetwork ? [{ id: 's', ready: true, ips }] : [];
  return podStatus({
    pod: storedPod('p', { metadata: { uid: 'u', generation: 3 }, spec, status: was }),
    view: { sandboxes, containers: [] } as unknown as PodView,
    before: undefined,
    failures: new Map(),
    readiness: () => false,
    startup: () => false,
    ended,
    hostIp: '192.0.2.1',
    nowMs: Date.parse(startTime),
    ...(failure ? { failure } : {}),
  });
}

const evicted = { reason: 'Evicted', message: 'The node was low on resource: memory.' };
// biome-ignore format: a table
const rows: [what: string, traits: Traits, shown: Partial<PodStatus>][] = [
  ['that is new', {}, { phase: 'Pending', startTime, observedGeneration: 3, hostIP: '192.0.2.1', qosClass: 'BestEffort' }],
  ['that was started before', { was: { startTime: '2025-01-01T00:00:00Z' } }, { startTime: '2025-01-01T00:00:00Z' }],
  ['with two addresses', { ips: ['10.0.0.2', 'fd00::2'] }, { podIP: '10.0.0.2', podIPs: [{ ip: '10.0.0.2' }, { ip: 'fd00::2' }] }],
  ['in the network of its host', { hostNetwork: true }, { podIP: '192.0.2.1' }],
  ['whose sandbox is gone', { was: { podIP: '10.0.0.2', podIPs: [{ ip: '10.0.0.2' }] } }, { podIP: '10.0.0.2' }],
  ['that is being evicted', { failure: evicted, ips: ['10.0.0.2'] }, { phase: 'Pending', reason: undefined }],
  ['that was evicted', { failure: evicted, ended: true }, { phase: 'Failed', ...evicted }],
  ['that had failed before', { was: { phase: 'Failed', ...evicted } }, { phase: 'Failed', ...evicted }],
];
for (const [what, traits, shown] of rows) {
  test(`the status of a pod – ${what} – has ${Object.keys(shown).join(', ')}`, () => {
    const status = reported(traits);
    const found = Object.keys(shown).map((key) => [key, status[key as keyof PodStatus]]);
    assert.deepEqual(Object.fromEntries(found), shown);
  });
}

test('a pod – that the node refused – is Failed without containers and conditions, and known as such', () => {
  const pod = storedPod('p', { metadata: { generation: 2 } });
  const status = rejectedStatus(pod, { reason: 'OutOfcpu', message: 'too little' }, Date.parse(startTime));
  assert.equal(status.message, 'Pod was rejected: too little');
  assert.deepEqual([status.phase, status.reason, status.startTime], ['Failed', 'OutOfcpu', startTime]);
  assert.deepEqual([status.containerStatuses, status.conditions], [undefined, undefined]);
  assert.equal(wasRejected({ ...pod, status }), true);
  assert.equal(wasRejected({ ...pod, status: { phase: 'Failed', message: 'Evicted' } }), false);
});
