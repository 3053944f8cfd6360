/** What an eviction says: the message of event, status and condition, and the annotations of the event. */

import type { EvictionThreshold } from '#api/configuration/kubelet/thresholds.ts';
import { parseQuantity, type Quantity, zeroQuantity } from '#api/values/quantity.ts';
import { initContainers, type NodePod } from '../../pod/pod.ts';
import type { ContainerUse, Observations, PodUse, Resource } from '../../runtime/eviction-meter.ts';
import { amountOf, binary, resourceOfSignal } from './signals.ts';

interface EvictionText {
  readonly message: string;
  readonly annotations: Readonly<Record<string, string>>;
}

/** `thresholds` are those that ask for an eviction. */
export function evictionText(
  resource: Resource,
  pod: NodePod,
  use: PodUse | undefined,
  thresholds: readonly EvictionThreshold[],
  observations: Observations,
): EvictionText {
  const head = `The node was low on resource: ${resource}. ${thresholdText(resource, thresholds, observations)}`;
  if (!use) return { message: head, annotations: {} };
  const whole = wholePod(resource, pod, use);
  const containers = offendingContainers(resource, pod, use);
  const texts = containers.map(
    ({ name, used, request }) =>
      `Container ${name} was using ${used}, request is ${request}, has larger consumption of ${resource}. `,
  );
  return {
    message: [head, whole.message, ...texts].join(''),
    annotations: {
      ...whole.annotations,
      offending_containers: containers.map(({ name }) => name).join(','),
      offending_containers_usage: containers.map(({ used }) => String(used)).join(','),
      starved_resource: resource,
    },
  };
}

function thresholdText(
  resource: Resource,
  thresholds: readonly EvictionThreshold[],
  observations: Observations,
): string {
  for (const { signal, amount } of thresholds) {
    const observed = observations.get(signal);
    if (!observed || resourceOfSignal(signal) !== resource) continue;
    const isCount = signal === 'pid.available' || signal.endsWith('.inodesFree');
    const available = isCount ? parseQuantity(String(observed.available)) : binary(observed.available);
    return `Threshold quantity: ${amountOf(amount, observed)}, available: ${available}. `;
  }
  return '';
}

/** Of a pod that requests memory as a whole, whether it exceeds the request or not, as upstream. */
function wholePod(resource: Resource, { metadata, spec }: NodePod, use: PodUse): EvictionText {
  const request = spec.resources?.requests?.[resource];
  if (resource !== 'memory' || request === undefined) return { message: '', annotations: {} };
  const used = String(binary(use.memoryBytes));
  const { name } = metadata;
  return {
    message: `Pod ${name} was using ${used}, request is ${request}, has larger consumption of ${resource}. `,
    annotations: { offending_pod: name, offending_pod_usage: used },
  };
}

function offendingContainers(
  resource: Resource,
  pod: NodePod,
  use: PodUse,
): { name: string; used: Quantity; request: Quantity }[] {
  const declared = [...pod.spec.containers, ...initContainers(pod)];
  return use.containers.flatMap((container) => {
    const spec = declared.find(({ name }) => name === container.name);
    const used = usedOf(resource, container);
    if (!spec || used === undefined) return [];
    const text = spec.resources?.requests?.[resource];
    const request = text === undefined ? zeroQuantity : parseQuantity(text);
    return used.compare(request) > 0 ? [{ name: container.name, used, request }] : [];
  });
}

function usedOf(resource: Resource, { memoryBytes, rootfs, logs }: ContainerUse): Quantity | undefined {
  if (resource === 'memory' && memoryBytes !== undefined) return binary(memoryBytes);
  if (resource === 'ephemeral-storage' && rootfs && logs) return binary(rootfs.bytes + logs.bytes);
  return undefined;
}
