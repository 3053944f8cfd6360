/**
 * Refuses pods that this node cannot run as specified, however they were bound to it. The order is
 * upstream's: pressure, kernel settings, processors and devices, operating system, groups, room, node
 * affinity, ports, taints, AppArmor, declared features.
 */

import type { AllowedSysctl } from '#api/configuration/kubelet/unsafe-sysctls.ts';
import type { Taint } from '#api/generated/types.gen.ts';
import { isCriticalPod } from '#api/pods/system-priority.ts';
import type { NodePod } from '../pod/pod.ts';
import { failedAffinity } from './affinity.ts';
import { missingAppArmor } from './app-armor.ts';
import { undeclaredFeature } from './declared-features.ts';
import { strictGroups } from './groups.ts';
import { takenPort } from './host-ports.ts';
import { otherSystem } from './operating-system.ts';
import { type Pressure, underPressure } from './pressure.ts';
import type { Rejection } from './rejection.ts';
import { tooLittleLeft } from './room.ts';
import { unsafeSysctl } from './sysctls.ts';
import { untoleratedTaint } from './taints.ts';

/** What a node offers its pods. */
export interface Offer {
  readonly nodeName: string;
  readonly allocatable: Record<string, string>;
  readonly labels: Record<string, string>;
  readonly taints: readonly Taint[];
  readonly pressures: ReadonlySet<Pressure>;
  /** Whether the kernel enforces AppArmor profiles. */
  readonly appArmor: boolean;
  /** What pods may set besides the safe ones; default nothing. */
  readonly unsafeSysctls?: readonly AllowedSysctl[];
}

/** What is checked before a pod is assigned processors and devices. */
export function admitUnassigned(pod: NodePod, offer: Offer): Rejection | undefined {
  return underPressure(pod, offer.pressures) ?? unsafeSysctl(pod, offer.unsafeSysctls);
}

/**
 * What is checked after that. `others` are the pods that take room on the node. For a critical pod room is made, so it is
 * not looked for here.
 */
export function admitAssigned(pod: NodePod, others: readonly NodePod[], offer: Offer): Rejection | undefined {
  return (
    otherSystem(pod) ??
    strictGroups(pod) ??
    (isCriticalPod(pod) ? undefined : tooLittleLeft(pod, others, offer.allocatable)) ??
    failedAffinity(pod, offer) ??
    takenPort(pod, others) ??
    untoleratedTaint(pod, offer.taints) ??
    missingAppArmor(pod, offer.appArmor) ??
    undeclaredFeature(pod)
  );
}

/**
 * Why a resize cannot be granted now. Of the checks above only these depend on what changes while a pod runs.
 * The API server's PodResizeValidator has refused what the node could never give.
 */
export function deferResize(
  pod: NodePod,
  others: readonly NodePod[],
  { pressures, allocatable }: Pick<Offer, 'pressures' | 'allocatable'>,
): Rejection | undefined {
  return underPressure(pod, pressures) ?? tooLittleLeft(pod, others, allocatable);
}

/** What runs already was admitted once, perhaps by an earlier life of this kubelet. */
export function isNew(pod: NodePod): boolean {
  const { status, metadata } = pod;
  return !metadata.deletionTimestamp && !status?.startTime && (status?.phase ?? 'Pending') === 'Pending';
}
