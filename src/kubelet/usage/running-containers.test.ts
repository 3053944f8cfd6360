import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerStatus, PodStatus } from '#api/generated/types.gen.ts';
import { storedPod } from '#testing/objects.ts';
import { runningContainers } from './running-containers.ts';

const status = (name: string, state: ContainerStatus['state']) =>
  ({
    name,
    containerID: `containerd://id-of-${name}`,
    image: `${name}:1`,
    ...(state ? { state } : {}),
  }) as ContainerStatus;
const running = { running: { startedAt: '2026-01-01T00:00:00Z' } };

test('the running containers of a node – of every kind – are those whose state is running', () => {
  const podStatus: PodStatus = {
    initContainerStatuses: [status('done', { terminated: { exitCode: 0 } }), status('sidecar', running)],
    containerStatuses: [
      status('main', running),
      status('waits', { waiting: { reason: 'ContainerCreating' } }),
    ],
    ephemeralContainerStatuses: [status('debugger', running)],
  };
  const pod = storedPod('p');
  assert.deepEqual(
    runningContainers([pod, storedPod('unknown')], (each) => (each === pod ? podStatus : undefined)),
    ['sidecar', 'main', 'debugger'].map((name) => ({ pod, name, id: `id-of-${name}`, image: `${name}:1` })),
  );
});
