/** The distribution's containerd always adds the groups that the image's own file names. */

import type { NodePod } from '../pod/pod.ts';
import { type Rejection, rejection } from './rejection.ts';

export function strictGroups(pod: NodePod): Rejection | undefined {
  if (pod.spec.securityContext?.supplementalGroupsPolicy !== 'Strict') return undefined;
  const message = 'SupplementalGroupsPolicy=Strict is not supported in this node';
  return rejection('SupplementalGroupsPolicyNotSupported', message);
}
