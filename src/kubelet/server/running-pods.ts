/**
 * The pods that the runtime has, which may be others than those assigned to the kubelet: names and images
 * only.
 */

import type { Pod } from '#api/generated/types.gen.ts';
import type { KubeNode } from '../node/kube-node.ts';

export async function runningPods(nodes: readonly KubeNode[]): Promise<Pod[]> {
  return (await Promise.all(nodes.map(runningPodsOf))).flat();
}

async function runningPodsOf({ runtime }: KubeNode): Promise<Pod[]> {
  const [sandboxes, containers] = await Promise.all([runtime.listPodSandboxes(), runtime.listContainers()]);
  const pods = new Map<string, Pod>();
  for (const { podUid: uid, name, namespace, ready } of sandboxes) {
    if (ready) pods.set(uid, { metadata: { uid, name, namespace }, spec: { containers: [] }, status: {} });
  }
  for (const { podUid, name, image, state } of containers) {
    if (state === 'running') pods.get(podUid)?.spec?.containers.push({ name, image });
  }
  return [...pods.values()];
}
