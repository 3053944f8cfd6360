import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Metric } from '#base/metrics/metric.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { RuntimeMetrics } from './measured-runtime.ts';
import { type Runtime, RuntimeError } from './runtime.ts';

/** A runtime whose calls all take two seconds; those of `failing` fail. */
function runtimeOf(clock: VirtualClock, failing: string[]): Runtime {
  const call = (name: string) => async () => {
    await clock.advance(2000);
    if (failing.includes(name)) throw new RuntimeError('Unknown', 'no');
    return name;
  };
  const names =
    'version status updatePodCidr runPodSandbox stopPodSandbox removePodSandbox podSandboxStatus listPodSandboxes createContainer startContainer stopContainer updateContainerResources removeContainer containerStatus listContainers listUsage reopenLog execSync exec attach portForward listImages imageStatus pullImage removeImage';
  return Object.fromEntries(names.split(' ').map((name) => [name, call(name)])) as unknown as Runtime;
}

const readings = (metrics: readonly Metric[], name: string) =>
  [...(metrics.find((metric) => metric.name === name)?.readings() ?? [])].map(([labels, value]) => [
    Object.values(labels).join(),
    typeof value === 'number' ? value : value.sum,
  ]);

test('the calls of a runtime – that succeed and fail – are counted and timed by upstream’s names', async () => {
  const clock = new VirtualClock();
  const metrics = new RuntimeMetrics();
  const runtime = metrics.measured(runtimeOf(clock, ['runPodSandbox']), clock);
  assert.equal((await runtime.listContainers()) as unknown, 'listContainers');
  await assert.rejects(runtime.runPodSandbox({} as never, 'kata'), { code: 'Unknown' });
  const total = [
    ['list_containers', 1],
    ['run_podsandbox', 1],
  ];
  assert.deepEqual(readings(metrics.metrics, 'kubelet_runtime_operations_total'), total);
  assert.deepEqual(readings(metrics.metrics, 'kubelet_runtime_operations_errors_total'), [
    ['run_podsandbox', 1],
  ]);
  assert.deepEqual(readings(metrics.metrics, 'kubelet_runtime_operations_duration_seconds'), [
    ['list_containers', 2],
    ['run_podsandbox', 2],
  ]);
  assert.deepEqual(readings(metrics.metrics, 'kubelet_started_pods_total'), [['', 1]]);
  assert.deepEqual(readings(metrics.metrics, 'kubelet_run_podsandbox_errors_total'), [['kata', 1]]);
});
