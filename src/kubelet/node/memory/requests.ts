/** The memory and huge pages that containers of Guaranteed pods have for themselves, in bytes by resource. */

import type { Container } from '#api/generated/types.gen.ts';
import { podQosClass } from '#api/pods/qos.ts';
import { quantityValue } from '#api/values/quantity.ts';
import type { NodePod } from '../../pod/pod.ts';
import { peakAmounts } from '../../topology/peak-amounts.ts';

export type MemoryAmounts = ReadonlyMap<string, number>;

/** A pod with resources of its own has none, as upstream. */
export function pinsMemory(pod: NodePod): boolean {
  return !pod.spec.resources && podQosClass(pod) === 'Guaranteed';
}

export function memoryRequests({ resources }: Container): MemoryAmounts {
  const amounts = Object.entries(resources?.requests ?? {});
  const ofMemory = amounts.filter(([name]) => name === 'memory' || name.startsWith('hugepages-'));
  return new Map(ofMemory.map(([name, amount]) => [name, quantityValue(amount)]));
}

/** Of the containers that run at the same time, where these request the most; of resources that a main container requests. */
export function podMemoryRequests({ spec }: NodePod): MemoryAmounts {
  const ofMains = new Set(spec.containers.flatMap((container) => [...memoryRequests(container).keys()]));
  return new Map([...peakAmounts(spec, memoryRequests)].filter(([resource]) => ofMains.has(resource)));
}
