/**
 * `/metrics/cadvisor`: what the containers, sandboxes and pods of a node use, by the names and labels that upstream's
 * kubelet gives them. The stats that are not counted here are listed in docs/reference/metrics.md.
 */

import { Exposition, type Labels } from '#base/metrics/exposition.ts';
import type { CpuPlace } from '#host/kernel/cpus/places.ts';
import type { MachineFacts } from '#host/kernel/machine-facts.ts';
import type { KubeNode } from '../../node/kube-node.ts';
import type { InspectedGroup } from '../../usage/inspected-groups.ts';
import { cadvisorFamilies, type Labelled, type Value } from './cadvisor-families.ts';

const msPerSecond = 1000;

/** Of the first of the nodes that is a machine: a server of simulated nodes has none. */
export async function cadvisorMetrics(nodes: readonly KubeNode[], atMs: number): Promise<string> {
  for (const node of nodes) {
    const { machineUsage } = node;
    if (!machineUsage) continue;
    const [groups, places] = await Promise.all([machineUsage.inspect(), machineUsage.cpuPlaces()]);
    return cadvisorText(groups, { ...machineUsage.facts, places }, atMs);
  }
  return '';
}

export interface Machine extends MachineFacts {
  /** Empty where the kernel shows no topology. */
  readonly places: readonly CpuPlace[];
}

export function cadvisorText(groups: readonly InspectedGroup[], machine: Machine, atMs: number): string {
  const exposition = new Exposition();
  describeMachine(exposition, machine);
  for (const { name, type, help, isFact, read } of cadvisorFamilies) {
    exposition.declare(name, type, help);
    for (const group of groups) {
      const found = read(group);
      const labelled: readonly Labelled[] = Array.isArray(found) ? found : [[{}, found as Value]];
      for (const [more, value] of labelled) {
        if (value === undefined) continue;
        const labels = { ...labelsOf(group), ...more };
        exposition.add(name, { labels, value, ...(isFact ? {} : { atMs }) });
      }
    }
  }
  exposition.declare(
    'container_last_seen',
    'gauge',
    'When it was measured last, in seconds of the Unix epoch',
  );
  for (const group of groups) {
    const value = Math.floor(atMs / msPerSecond);
    exposition.add('container_last_seen', { labels: labelsOf(group), value, atMs });
  }
  return exposition.text;
}

/** Groups that are no containers have the same labels, empty. */
function labelsOf({ id, pod, container, runtimeId = '' }: InspectedGroup): Labels {
  const { name = '', namespace = '' } = pod?.metadata ?? {};
  return {
    id,
    name: runtimeId,
    image: container?.image ?? '',
    pod: name,
    namespace,
    container: container?.name ?? '',
  };
}

function describeMachine(exposition: Exposition, machine: Machine): void {
  const { kernelVersion, osImage: osVersion } = machine;
  const add = (name: string, help: string, labels: Labels, value: number) => {
    exposition.declare(name, 'gauge', help);
    exposition.add(name, { labels, value });
  };
  const version = { cadvisorRevision: '', cadvisorVersion: '', dockerVersion: '', kernelVersion, osVersion };
  add('cadvisor_version_info', 'The versions of the kernel and of the operating system', version, 1);
  const identity = {
    boot_id: machine.bootId,
    machine_id: machine.machineId,
    system_uuid: machine.systemUuid,
  };
  add('machine_cpu_cores', 'Logical processors', identity, machine.cpus);
  add('machine_memory_bytes', 'Memory of the machine', identity, machine.memoryBytes);
  add('machine_swap_bytes', 'Swap space of the machine', identity, machine.swapBytes);
  if (machine.places.length > 0) {
    const count = (ids: readonly number[]) => new Set(ids).size;
    const cores = count(machine.places.map(({ core }) => core));
    const sockets = count(machine.places.map(({ socket }) => socket));
    add('machine_cpu_physical_cores', 'Cores of the processors', identity, cores);
    add('machine_cpu_sockets', 'Sockets with processors', identity, sockets);
  }
  add('machine_scrape_error', '1 when the machine could not be read, otherwise 0', {}, 0);
}
