/** The memory and huge pages that containers of Guaranteed pods have for themselves, in bytes by resource. */

import type { Container } from '#api/generated/types.gen.ts';
import { isSidecar } from '#api/pods/containers.ts';
import { podQosClass } from '#api/pods/qos.ts';
import { quantityValue } from '#api/values/quantity.ts';
import type { NodePod } from '../../pod/pod.ts';

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
  const sidecars = new Map<string, number>();
  const inits = new Map<string, number>();
  const add = (amounts: Map<string, number>, name: string, amount: number) =>
    amounts.set(name, (amounts.get(name) ?? 0) + amount);
  for (const container of spec.initContainers ?? []) {
    for (const [name, amount] of memoryRequests(container)) {
      const together = (sidecars.get(name) ?? 0) + amount;
      if (isSidecar(container)) sidecars.set(name, together);
      else inits.set(name, Math.max(inits.get(name) ?? 0, together));
    }
  }
  const mains = new Map<string, number>();
  for (const container of spec.containers) {
    for (const [name, amount] of memoryRequests(container)) add(mains, name, amount);
  }
  return new Map(
    Array.from(mains, ([name, amount]) => [
      name,
      Math.max(amount + (sidecars.get(name) ?? 0), inits.get(name) ?? 0),
    ]),
  );
}
