/** The static policy of the CPU manager fixes the processors of a pod's containers when it is admitted. */

import { startedContainers } from '#api/pods/containers.ts';
import { podQosClass } from '#api/pods/qos.ts';
import { quantityMilliValue } from '#api/values/quantity.ts';
import type { NodePod } from '../pod/pod.ts';
import { type Rejection, rejection } from './rejection.ts';

/** Why, under the static policy, a Guaranteed pod cannot have another request of cpu; `running` is the pod as it runs. */
export function pinnedResize(pod: NodePod, running: NodePod | undefined): Rejection | undefined {
  if (!running || podQosClass(pod) !== 'Guaranteed') return undefined;
  const requests = ({ spec }: NodePod) =>
    startedContainers(spec).map(({ resources }) => quantityMilliValue(resources?.requests?.['cpu']));
  const before = requests(running);
  if (requests(pod).every((milliCpu, i) => milliCpu === before[i])) return undefined;
  return rejection(
    'Infeasible',
    'Resize is infeasible for Guaranteed Pods alongside CPU Manager policy "static"',
  );
}
