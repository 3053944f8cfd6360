/**
 * Total requests and limits of a pod, added up in the same way for quotas, scheduling and control groups.
 *
 * 1. Main containers and sidecars run together: their amounts are summed.
 * 2. An init container runs beside the sidecars started before it. The largest of these sums counts if it is
 *    more.
 * 3. Pod-level amounts replace the sum, for the resources that a pod can specify.
 * 4. The pod's overhead is added; to limits only if there is one.
 */

import type { Container, ContainerStatus, Pod, PodSpec } from '../generated/types.gen.ts';
import { isSidecar, startedStatuses } from './containers.ts';
import { podCondition } from './state.ts';

export type ResourceList = Readonly<Record<string, string>>;

/** How amounts are represented: exactly, or as plain numbers for speed. `T` is changed in place. */
export interface Tally<T> {
  /** A new tally on each call. */
  of(list: ResourceList | undefined): T;
  add(total: T, more: T): void;
  /** Raises each resource to the larger of the two. */
  raise(total: T, other: T): void;
  /** Replaces the listed resources. */
  replace(total: T, list: ResourceList): void;
  isZero(total: T, name: string): boolean;
}

export interface PodAmountsOptions<T> {
  /** Counts allocated and actual resources too, which may exceed the spec during a resize in place. */
  readonly useStatus?: boolean;
  readonly excludeOverhead?: boolean;
  /** Pod-level resources that count. */
  readonly podLevel?: (name: string) => boolean;
  /** Changes the amounts of one container. */
  readonly adjust?: (container: Container, amounts: T) => void;
  /**
   * Called with the amounts in use at each step: a main container; the sidecars so far; an init container
   * beside them.
   */
  readonly onStep?: (amounts: T) => void;
}

type Field = 'requests' | 'limits';

/** Resources that can be set at pod level. */
export function isPodLevelResource(name: string): boolean {
  return name === 'cpu' || name === 'memory' || isHugePages(name);
}

export function isHugePages(name: string): boolean {
  return name.startsWith('hugepages-');
}

export function podRequests<T>(tally: Tally<T>, pod: Pod, options: PodAmountsOptions<T> = {}): T {
  const { excludeOverhead = false } = options;
  const total = withPodLevel(tally, pod, 'requests', options);
  if (!excludeOverhead && pod.spec?.overhead) tally.add(total, tally.of(pod.spec.overhead));
  return total;
}

export function podLimits<T>(tally: Tally<T>, pod: Pod, options: PodAmountsOptions<T> = {}): T {
  const { excludeOverhead = false } = options;
  const total = withPodLevel(tally, pod, 'limits', options);
  for (const [name, amount] of excludeOverhead ? [] : Object.entries(pod.spec?.overhead ?? {})) {
    if (!tally.isZero(total, name)) tally.add(total, tally.of({ [name]: amount }));
  }
  return total;
}

function withPodLevel<T>(tally: Tally<T>, pod: Pod, field: Field, options: PodAmountsOptions<T>): T {
  const { podLevel = isPodLevelResource } = options;
  const total = containerTotals(tally, pod, field, options);
  const own = pod.spec?.resources?.[field];
  if (own) tally.replace(total, only(own, podLevel));
  return total;
}

function only(list: ResourceList, wanted: (name: string) => boolean): ResourceList {
  return Object.fromEntries(Object.entries(list).filter(([name]) => wanted(name)));
}

/** The containers' part, without pod-level amounts and overhead. */
export function containerTotals<T>(
  tally: Tally<T>,
  pod: { readonly spec?: Pick<PodSpec, 'containers' | 'initContainers'>; readonly status?: Pod['status'] },
  field: Field,
  { useStatus = false, adjust, onStep }: PodAmountsOptions<T> = {},
): T {
  const held = useStatus ? heldContainers(pod) : undefined;
  const amountsOf = (container: Container, mayHold: boolean): T => {
    const status = mayHold ? held?.get(container.name) : undefined;
    const amounts = status
      ? amountsHeld(tally, pod, container, status, field)
      : tally.of(container.resources?.[field]);
    adjust?.(container, amounts);
    return amounts;
  };
  const total = tally.of(undefined);
  for (const container of pod.spec?.containers ?? []) {
    const amounts = amountsOf(container, true);
    onStep?.(amounts);
    tally.add(total, amounts);
  }
  const sidecars = tally.of(undefined);
  const peak = tally.of(undefined);
  for (const container of pod.spec?.initContainers ?? []) {
    const stays = isSidecar(container);
    const amounts = amountsOf(container, stays);
    if (stays) tally.add(total, amounts);
    const [together, more] = stays ? [sidecars, amounts] : [amounts, sidecars];
    tally.add(together, more);
    onStep?.(together);
    tally.raise(peak, together);
  }
  tally.raise(total, peak);
  return total;
}

/** Statuses of containers that report actual resources, by name; undefined if there is none. */
function heldContainers({ status }: Pick<Pod, 'status'>): Map<string, ContainerStatus> | undefined {
  if (!status?.containerStatuses && !status?.initContainerStatuses) return undefined;
  const held = startedStatuses(status).filter(({ resources }) => resources !== undefined);
  return held.length === 0 ? undefined : new Map(held.map((status) => [status.name, status]));
}

/** An infeasible resize does not count: the container's current resources do. */
function amountsHeld<T>(
  tally: Tally<T>,
  pod: Pick<Pod, 'status'>,
  container: Container,
  { resources, allocatedResources }: ContainerStatus,
  field: Field,
): T {
  const amounts = tally.of(resources?.[field]);
  if (field === 'requests') tally.raise(amounts, tally.of(allocatedResources));
  if (podCondition(pod, 'PodResizePending')?.reason !== 'Infeasible') {
    tally.raise(amounts, tally.of(container.resources?.[field]));
  }
  return amounts;
}
