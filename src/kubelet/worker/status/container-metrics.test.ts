import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerState, PodStatus } from '#api/generated/types.gen.ts';
import { ContainerMetrics } from './container-metrics.ts';

const containerStatus = (name: string, state: ContainerState) => {
  return { name, state, image: 'i', imageID: '', ready: false, restartCount: 0 };
};
const ended = (exitCode: number, reason: string): ContainerState => ({ terminated: { exitCode, reason } });
const running: ContainerState = { running: { startedAt: '2026-01-01T00:00:00Z' } };

function readingsOf(metrics: ContainerMetrics, name: string) {
  return [...metrics.metrics.find((metric) => metric.name === name)!.readings()];
}

test('containers that end – reported once or more often – are counted once, by exit code and reason', () => {
  const metrics = new ContainerMetrics();
  const before: PodStatus = { containerStatuses: [containerStatus('a', running)] };
  const now: PodStatus = {
    initContainerStatuses: [containerStatus('i', ended(0, 'Completed'))],
    containerStatuses: [containerStatus('a', ended(139, 'Error')), containerStatus('b', running)],
  };
  metrics.reported(undefined, before);
  metrics.reported(before, now);
  metrics.reported(now, now);
  assert.deepEqual(readingsOf(metrics, 'kubelet_terminated_containers_total'), [
    [{ container_type: 'container', exit_code: '139', reason: 'Error' }, 1],
    [{ container_type: 'init_container', exit_code: '0', reason: 'Completed' }, 1],
  ]);
});

test('a container that ends again – after a restart – is counted again', () => {
  const metrics = new ContainerMetrics();
  const status = (state: ContainerState): PodStatus => ({ containerStatuses: [containerStatus('a', state)] });
  metrics.reported(status(running), status(ended(1, 'Error')));
  metrics.reported(status(ended(1, 'Error')), status(running));
  metrics.reported(status(running), status(ended(1, 'Error')));
  assert.deepEqual(readingsOf(metrics, 'kubelet_terminated_containers_total'), [
    [{ container_type: 'container', exit_code: '1', reason: 'Error' }, 2],
  ]);
});

test('starts – those that fail too – are counted by the type of the container', () => {
  const metrics = new ContainerMetrics();
  metrics.started('container');
  metrics.started('ephemeral_container');
  metrics.startFailed('container', 'ErrImagePull');
  assert.deepEqual(readingsOf(metrics, 'kubelet_started_containers_total'), [
    [{ container_type: 'container' }, 1],
    [{ container_type: 'ephemeral_container' }, 1],
  ]);
  assert.deepEqual(readingsOf(metrics, 'kubelet_started_containers_errors_total'), [
    [{ container_type: 'container', code: 'ErrImagePull' }, 1],
  ]);
});
