/** Which processors are whose. Immutable: every change makes a new state. */

import type { CpuSet } from '#base/text/cpu-list.ts';

export interface CpuState {
  /** The pool of all containers without processors of their own; the reserved ones are in it. */
  readonly shared: CpuSet;
  /** By pod uid, by name of the container. */
  readonly exclusive: ReadonlyMap<string, ReadonlyMap<string, CpuSet>>;
}

export const emptyState: CpuState = { shared: new Set(), exclusive: new Map() };

export function exclusiveOf(state: CpuState, podUid: string, container: string): CpuSet | undefined {
  return state.exclusive.get(podUid)?.get(container);
}

/** The processors leave the shared pool. */
export function assign(state: CpuState, podUid: string, container: string, cpus: CpuSet): CpuState {
  const containers = new Map(state.exclusive.get(podUid)).set(container, cpus);
  return {
    shared: state.shared.difference(cpus),
    exclusive: new Map(state.exclusive).set(podUid, containers),
  };
}

/** Those that no other container of the pod has, as its init containers may, come back to the shared pool. */
export function release(state: CpuState, podUid: string, container: string): CpuState {
  const containers = new Map(state.exclusive.get(podUid));
  const released = containers.get(container);
  if (!released) return state;
  containers.delete(container);
  const exclusive = new Map(state.exclusive);
  if (containers.size > 0) exclusive.set(podUid, containers);
  else exclusive.delete(podUid);
  const kept = [...containers.values()].reduce((all, cpus) => all.union(cpus), new Set<number>());
  return { shared: state.shared.union(released.difference(kept)), exclusive };
}
