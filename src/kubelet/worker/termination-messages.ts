/** The runtime's view of a pod, with the termination messages of its ended containers. */

import { findContainer } from '#api/pods/containers.ts';
import type { NodePod } from '../pod/pod.ts';
import type { PodSetup } from '../runtime/machine.ts';
import { type PodView, readPodView } from '../runtime/pod-view.ts';
import type { ContainerStatus, Runtime } from '../runtime/runtime.ts';

/** Messages need the pod's spec: without `pod` the view has none. */
export async function readViewWithMessages(
  { runtime, setup }: { readonly runtime: Runtime; readonly setup: PodSetup },
  podUid: string,
  pod: NodePod | undefined,
): Promise<PodView> {
  const view = await readPodView(runtime, podUid);
  if (!pod) return view;
  const containers = view.containers.map((status) => withMessage(setup, pod, status));
  return { ...view, containers: await Promise.all(containers) };
}

async function withMessage(setup: PodSetup, pod: NodePod, status: ContainerStatus): Promise<ContainerStatus> {
  const container = findContainer(pod.spec, status.name);
  if (status.state !== 'exited' || !container) return status;
  return { ...status, terminationMessage: await setup.terminationMessage(pod, container, status) };
}
