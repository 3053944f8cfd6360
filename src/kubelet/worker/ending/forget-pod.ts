/** Removes what is left of a pod that neither the API nor the node needs: from the runtime, the log folder and the kubelet's memory. */

import type { BackOffs } from '#base/back-off.ts';
import type { ImageManager } from '../../images/image-manager.ts';
import type { NodePod } from '../../pod/pod.ts';
import type { PodSetup } from '../../runtime/machine.ts';
import type { PodView } from '../../runtime/pod-view.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import type { StatusManager } from '../status/status-manager.ts';

export interface ForgetParts {
  readonly runtime: Pick<Runtime, 'removeContainer' | 'removePodSandbox'>;
  readonly setup: Pick<PodSetup, 'removeLogs'>;
  readonly statuses: Pick<StatusManager, 'forget'>;
  readonly restarts: Pick<BackOffs, 'forget'>;
  readonly images: Pick<ImageManager, 'forget'>;
  readView(podUid: string): Promise<PodView>;
}

export async function forgetPod(parts: ForgetParts, pod: NodePod): Promise<void> {
  const { runtime, setup, readView, statuses, restarts, images } = parts;
  const { uid, name, namespace = '' } = pod.metadata;
  const view = await readView(uid);
  for (const container of view.containers) await runtime.removeContainer(container.id);
  for (const sandbox of view.sandboxes) await runtime.removePodSandbox(sandbox.id);
  await setup.removeLogs({ namespace, name, uid });
  statuses.forget(uid);
  restarts.forget(uid);
  images.forget(pod);
}
