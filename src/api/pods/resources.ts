/**
 * What a pod asks for and may use in all, added up in one way for quotas, scheduling and control groups.
 *
 * 1. Main containers and sidecars run together: their amounts are summed.
 * 2. An init container runs beside the sidecars started before it. The largest of these sums counts where it is more.
 * 3. Amounts of the pod as a whole take the place of the sum, for the resources that a pod can name.
 * 4. The pod's overhead comes on top; on top of limits only where there is one.
 */

import type { Container, ContainerStatus, Pod, PodSpec } from '../generated/types.gen.ts';
import { isSidecar, startedStatuses } from './containers.ts';
import { podCondition } from './state.ts';

export type ResourceList = Readonly<Record<string, string>>;

/** How amounts are kept while they are added up: exactly, or as plain numbers for speed. `T` is changed in place. */
export interface Tally<T> {
  /** New each time. */
  of(list: ResourceList | undefined): T;
  add(total: T, more: T): void;
  /** Each resource to the larger of the two. */
  raise(total: T, other: T): void;
  /** The resources that are listed, to what is listed. */
  replace(total: T, list: ResourceList): void;
  isZero(total: T, name: string): boolean;
}

export interface PodAmountsOptions<T> {
  /** While the kubelet still holds more than the spec asks for, during a resize in place, that counts. */
  readonly useStatus?: boolean;
  readonly excludeOverhead?: boolean;
  /** Of the pod as a whole, resources that count. */
  readonly podLevel?: (name: string) => boolean;
  /** Changes what one container counts for. */
  readonly adjust?: (container: Container, amounts: T) => void;
  /** Sees what runs at once at each step: a main container; the sidecars so far; an init container beside them. */
  readonly onStep?: (amounts: T) => void;
}

type Field = 'requests' | 'limits';

/** Of these a pod may ask as a whole. */
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

/** The containers' part, without the amounts of the pod as a whole and its overhead. */
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

/** By name, the statuses of containers that say what they run with; undefined when there is none. */
function heldContainers({ status }: Pick<Pod, 'status'>): Map<string, ContainerStatus> | undefined {
  if (!status?.containerStatuses && !status?.initContainerStatuses) return undefined;
  const held = startedStatuses(status).filter(({ resources }) => resources !== undefined);
  return held.length === 0 ? undefined : new Map(held.map((one) => [one.name, one]));
}

/** A resize that the node can never grant asks for nothing: what the container has counts. */
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
