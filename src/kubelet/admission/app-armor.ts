/** A pod that wants an AppArmor profile does not run where the kernel would not enforce it. */

import { allContainers } from '#api/pods/containers.ts';
import { appArmorProfileOf } from '../config/app-armor.ts';
import type { NodePod } from '../pod/pod.ts';
import { type Rejection, rejection } from './rejection.ts';

export function missingAppArmor(pod: NodePod, enforced: boolean): Rejection | undefined {
  if (enforced) return undefined;
  const wanted = [
    pod.spec.securityContext?.appArmorProfile,
    ...allContainers(pod.spec).map((container) => appArmorProfileOf(pod, container)),
  ];
  if (!wanted.some((profile) => profile && profile.type !== 'Unconfined')) return undefined;
  return rejection('AppArmor', 'Cannot enforce AppArmor: AppArmor is not enabled on the host');
}
