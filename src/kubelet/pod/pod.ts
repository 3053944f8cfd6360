/** Small questions about a pod that many parts of the kubelet ask. */

import type { Container, ObjectReference, Pod, PodSpec } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import type { AnyContainer } from '#api/pods/containers.ts';
import { fnv1a } from '#base/text/fnv1a.ts';

export type NodePod = Stored<Pod> & { spec: PodSpec };

/** How upstream's messages name a pod: `web_default(5b1…)`. */
export function podText(pod: NodePod): string {
  return `${pod.metadata.name}_${pod.metadata.namespace}(${pod.metadata.uid})`;
}

export function initContainers(pod: NodePod): Container[] {
  return pod.spec.initContainers ?? [];
}

/** The object of events about a pod, or about one of its containers. */
export function podReference(pod: NodePod, container?: string): ObjectReference {
  const { namespace, name, uid, resourceVersion } = pod.metadata;
  const path = container === undefined ? undefined : containerPath(pod, container);
  return {
    kind: 'Pod',
    apiVersion: 'v1',
    ...(namespace ? { namespace } : {}),
    name,
    uid,
    resourceVersion,
    ...(path ? { fieldPath: path } : {}),
  };
}

function containerPath(pod: NodePod, name: string): string | undefined {
  const list = initContainers(pod).some((container) => container.name === name)
    ? 'initContainers'
    : pod.spec.containers.some((container) => container.name === name)
      ? 'containers'
      : 'ephemeralContainers';
  return `spec.${list}{${name}}`;
}

/** Changes when the container must be recreated: only its image can change in a running pod. */
export function containerHash(container: AnyContainer): string {
  return fnv1a(`${container.name}\0${container.image ?? ''}`).toString(16);
}

/** How this container is restarted: a sidecar always, the others by the pod's restart policy. */
export function restartPolicyOf(pod: NodePod, container: AnyContainer): string {
  return container.restartPolicy ?? pod.spec.restartPolicy ?? 'Always';
}

export function gracePeriodSeconds(pod: NodePod): number {
  return pod.metadata.deletionGracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds ?? 30;
}
