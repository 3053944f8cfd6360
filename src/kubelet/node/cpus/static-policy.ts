/**
 * Who gets which processors under the static policy. Pure: a state in, a state out. Follows upstream's
 * `policy_static.go`.
 *
 *   - a container of a Guaranteed pod that requests whole processors has them for itself, from before the pod starts
 *     until it ends
 *   - all others share the rest, and the reserved processors
 *   - the processors of an init container that ends are used again by the later containers of its pod
 */

import type { CpuSettings } from '#api/configuration/kubelet/cpus.ts';
import type { Container } from '#api/generated/types.gen.ts';
import { isSidecar, startedContainers } from '#api/pods/containers.ts';
import { podQosClass } from '#api/pods/qos.ts';
import { quantityMilliValue } from '#api/values/quantity.ts';
import { type CpuSet, cpuListText } from '#base/text/cpu-list.ts';
import type { NodePod } from '../../pod/pod.ts';
import { hasNode, type NumaMask } from '../../topology/numa-mask.ts';
import { takeCpus } from './assignment.ts';
import { assign, type CpuState, exclusiveOf } from './state.ts';
import type { CpuTopology } from './topology.ts';

export interface StaticPolicy {
  readonly topology: CpuTopology;
  readonly reserved: CpuSet;
  readonly fullCoresOnly: boolean;
  readonly strictReservation: boolean;
  readonly prefersOneCache: boolean;
}

/** A pod that cannot have whole cores. */
export class SmtAlignmentError extends Error {
  override name = 'SmtAlignmentError';
}

/** Throws, with upstream's words, when the machine has not what is reserved. */
export function staticPolicy(settings: CpuSettings, topology: CpuTopology): StaticPolicy {
  const { reserved: named, reservedCount, fullCoresOnly, strictReservation, prefersOneCache } = settings;
  if (named && !named.isSubsetOf(topology.cpus)) {
    const [wanted, online] = [cpuListText(named), cpuListText(topology.cpus)];
    throw new Error(`reserved-cpus: ${wanted} is not a subset of online-cpus: ${online}`);
  }
  const reserved =
    named ?? takeCpus(topology, topology.cpus, Math.min(reservedCount, topology.cpus.size), prefersOneCache);
  if (reserved.size !== reservedCount) {
    throw new Error(
      'new static policy error: [cpumanager] unable to reserve the required amount of CPUs ' +
        `(size of ${cpuListText(reserved)} did not equal ${reservedCount})`,
    );
  }
  return { topology, reserved, fullCoresOnly, strictReservation, prefersOneCache };
}

/** The state of a node without assignments, or `state` when it fits the machine. Throws, with upstream's words. */
export function initialState(policy: StaticPolicy, state: CpuState): CpuState {
  const { topology, reserved, strictReservation } = policy;
  const pool = strictReservation ? topology.cpus.difference(reserved) : topology.cpus;
  const { shared, exclusive } = state;
  if (shared.size === 0) {
    if (exclusive.size > 0) throw new Error('default cpuset cannot be empty');
    return { shared: pool, exclusive };
  }
  checkReserved(policy, shared);
  let known = shared;
  for (const [podUid, containers] of exclusive) {
    for (const [name, cpus] of containers) {
      if (!shared.isDisjointFrom(cpus)) {
        const overlap = `cpuset: ${quoted(cpus)} overlaps with default cpuset ${quoted(shared)}`;
        throw new Error(`pod: ${podUid}, container: ${name} ${overlap}`);
      }
      known = known.union(cpus);
    }
  }
  if (known.symmetricDifference(pool).size === 0) return state;
  throw new Error(
    `current set of available CPUs ${quoted(pool)} doesn't match with CPUs in state ${quoted(known)}`,
  );
}

function checkReserved({ reserved, strictReservation }: StaticPolicy, shared: CpuSet): void {
  const inPool = reserved.intersection(shared);
  if (strictReservation && inPool.size > 0) {
    throw new Error(
      `some of strictly reserved cpus: ${quoted(inPool)} are present in defaultCpuSet: ${quoted(shared)}`,
    );
  }
  if (strictReservation || inPool.size === reserved.size) return;
  throw new Error(
    `not all reserved cpus: ${quoted(reserved)} are present in defaultCpuSet: ${quoted(shared)}`,
  );
}

function quoted(cpus: CpuSet): string {
  return JSON.stringify(cpuListText(cpus));
}

/**
 * Assigns a container what it is to have for itself, if it has not got it yet: of the NUMA nodes of `affinity` as far as
 * they last. Throws what keeps it from that, with upstream's words.
 */
export function assignContainer(
  policy: StaticPolicy,
  state: CpuState,
  pod: NodePod,
  container: Container,
  affinity?: NumaMask,
): CpuState {
  const count = exclusiveCount(pod, container);
  if (count === 0) return state;
  if (policy.fullCoresOnly) checkAlignment(policy, state, count);
  const { uid } = pod.metadata;
  if (exclusiveOf(state, uid, container.name)) return state;
  const available = availableCpus(policy, state).union(reusableCpus(state, pod, container.name));
  return assign(state, uid, container.name, takeNear(policy, available, count, affinity));
}

function takeNear(
  { topology, prefersOneCache }: StaticPolicy,
  available: CpuSet,
  count: number,
  affinity: NumaMask | undefined,
): CpuSet {
  const isNear = (cpu: number) => affinity !== undefined && hasNode(affinity, topology.numaNodeOf(cpu));
  const near = new Set([...available].filter(isNear));
  const taken = takeCpus(topology, near, Math.min(count, near.size), prefersOneCache);
  const others = takeCpus(topology, available.difference(taken), count - taken.size, prefersOneCache);
  return taken.union(others);
}

/** Those that no container has for itself, without the reserved ones. */
export function availableCpus({ reserved }: StaticPolicy, { shared }: CpuState): CpuSet {
  return shared.difference(reserved);
}

/** Of init containers that have ended when this container starts, without those of containers that run beside it. */
export function reusableCpus(state: CpuState, pod: NodePod, container: string): CpuSet {
  let reusable: CpuSet = new Set();
  for (const earlier of startedContainers(pod.spec)) {
    if (earlier.name === container) break;
    const cpus = exclusiveOf(state, pod.metadata.uid, earlier.name) ?? new Set();
    const isInit = pod.spec.initContainers?.includes(earlier) ?? false;
    reusable = isInit && !isSidecar(earlier) ? reusable.union(cpus) : reusable.difference(cpus);
  }
  return reusable;
}

/** How many processors a container is to have for itself. A pod with resources of its own has none, as upstream. */
export function exclusiveCount(pod: NodePod, { resources }: Container): number {
  if (pod.spec.resources || podQosClass(pod) !== 'Guaranteed') return 0;
  const milliCpu = quantityMilliValue(resources?.requests?.['cpu']);
  return milliCpu % 1000 === 0 ? milliCpu / 1000 : 0;
}

function checkAlignment({ topology, reserved }: StaticPolicy, { shared }: CpuState, count: number): void {
  const perCore = topology.sizeOf('core');
  if (count % perCore !== 0) {
    throw new SmtAlignmentError(
      `SMT Alignment Error: requested ${count} cpus not multiple cpus per core = ${perCore}`,
    );
  }
  // A core of which one thread is reserved is never whole.
  const free = shared.difference(topology.wholeCores(reserved)).size;
  if (count <= free) return;
  throw new SmtAlignmentError(
    'SMT Alignment Error: not enough free physical CPUs: ' +
      `available physical CPUs = ${free}, requested CPUs = ${count}, CPUs per core = ${perCore}`,
  );
}
