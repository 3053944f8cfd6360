import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cpuPlaces } from '#testing/kubelet/cpus.ts';
import { CpuMetrics } from './metrics.ts';
import { assign, type CpuState } from './state.ts';
import { CpuTopology } from './topology.ts';

test('metrics of the CPU manager – after a request and a failure – are counts, and sizes of now', () => {
  const topology = new CpuTopology(
    cpuPlaces({ sockets: 2, numaNodes: 2, coresPerSocket: 2, threadsPerCore: 1 }),
  );
  const flags = { fullCoresOnly: false, strictReservation: false, prefersOneCache: false };
  let state: CpuState = { shared: topology.cpus, exclusive: new Map() };
  const counted = new CpuMetrics({ topology, reserved: new Set([0]), ...flags }, () => state);
  const read = () => counted.metrics.map((metric) => [metric.name, ...metric.readings()]);
  counted.requests.value += 2;
  counted.errors.value++;
  state = assign(assign(state, 'u', 'init', new Set([1, 2])), 'u', 'main', new Set([2]));
  assert.deepEqual(read(), [
    ['kubelet_cpu_manager_pinning_requests_total', [{}, 2]],
    ['kubelet_cpu_manager_pinning_errors_total', [{}, 1]],
    ['kubelet_cpu_manager_shared_pool_size_millicores', [{}, 1000]],
    ['kubelet_cpu_manager_exclusive_cpu_allocation_count', [{}, 2]],
    ['kubelet_cpu_manager_allocation_per_numa', [{ numa_node: 0 }, 1], [{ numa_node: 1 }, 1]],
  ]);
});
