/** What the CPU manager counts, by upstream's names. */

import { gauge, type Metric } from '#base/metrics/metric.ts';
import { PlainCounter } from '#base/metrics/plain-counter.ts';
import type { CpuSet } from '#base/text/cpu-list.ts';
import type { CpuState } from './state.ts';
import type { StaticPolicy } from './static-policy.ts';

const requestsTotal = 'kubelet_cpu_manager_pinning_requests_total';
const errorsTotal = 'kubelet_cpu_manager_pinning_errors_total';

export class CpuMetrics {
  readonly metrics: readonly Metric[];
  readonly requests = new PlainCounter(
    requestsTotal,
    'Containers that were to have processors for themselves.',
  );
  readonly errors = new PlainCounter(
    errorsTotal,
    'Containers that could not have processors for themselves.',
  );

  constructor(policy: StaticPolicy, state: () => CpuState) {
    this.metrics = [this.requests, this.errors, ...gaugesOf(policy, state)];
  }
}

function gaugesOf({ topology, reserved }: StaticPolicy, state: () => CpuState): Metric[] {
  return [
    gauge(
      'kubelet_cpu_manager_shared_pool_size_millicores',
      'Processors of the shared pool that are not reserved, in thousandths.',
      () => [[{}, state().shared.difference(reserved).size * 1000]],
    ),
    gauge(
      'kubelet_cpu_manager_exclusive_cpu_allocation_count',
      'Processors that containers have for themselves.',
      () => [[{}, assigned(state()).size]],
    ),
    gauge(
      'kubelet_cpu_manager_allocation_per_numa',
      'Processors that containers have for themselves, by NUMA node.',
      () => {
        const cpus = assigned(state());
        const nodes = new Set(topology.places.map(({ numaNode }) => numaNode));
        return Array.from(nodes, (node) => [
          { numa_node: node },
          topology.cpusIn('numaNode', node).filter((cpu) => cpus.has(cpu)).length,
        ]);
      },
    ),
  ];
}

function assigned({ exclusive }: CpuState): CpuSet {
  const lists = [...exclusive.values()].flatMap((containers) => [...containers.values()]);
  return new Set(lists.flatMap((cpus) => [...cpus]));
}
