/** A pod for another operating system than Linux does not run here. */

import type { NodePod } from '../pod/pod.ts';
import { type Rejection, rejection } from './rejection.ts';

const osLabel = 'kubernetes.io/os';

export function otherSystem({ metadata, spec }: NodePod): Rejection | undefined {
  // Upstream reads the pod's own labels here, not its node selector.
  const labelled = metadata.labels?.[osLabel];
  if (labelled !== undefined && labelled !== 'linux') {
    return rejection(
      'PodOSSelectorNodeLabelDoesNotMatch',
      `Failed to admit pod as the \`${osLabel}\` label doesn't match node label`,
    );
  }
  if (spec.os && spec.os.name !== 'linux') {
    return rejection('PodOSNotSupported', "Failed to admit pod as the OS field doesn't match node OS");
  }
  return undefined;
}
