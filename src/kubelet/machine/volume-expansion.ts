/** Grows the mounted volume of a claim on the node, and reports it to the claim and the pod. */

import { persistentVolumeClaims } from '#api/generated/kinds.gen.ts';
import { errorText } from '#base/text/error-text.ts';
import type { EventRecorder } from '#client/events/recorder.ts';
import { podReference } from '../pod/pod.ts';
import {
  failed,
  finished,
  inProgress,
  type StatusPatch,
  sizeLeftToNode,
} from '../volumes/claims/expansion.ts';
import type { VolumeContext } from '../volumes/volume.ts';

/**
 * Harmless when nothing is left to the node. `grow` makes the mounted volume as large as its PersistentVolume;
 * a failure is reported, and tried again with the pod's next step: the pod itself is not kept from running.
 */
export async function expandOnNode(
  context: Pick<VolumeContext, 'claimed' | 'client' | 'env' | 'pod'>,
  events: Pick<EventRecorder, 'event'>,
  grow: () => Promise<void>,
): Promise<void> {
  const { claimed, client, env, pod } = context;
  const size = claimed && sizeLeftToNode(claimed);
  if (!claimed || size === undefined) return;
  const { claim, volume } = claimed;
  const record = (type: 'Normal' | 'Warning', reason: string, message: string) => {
    events.event(podReference(pod), type, reason, message);
    events.event({ kind: 'PersistentVolumeClaim', apiVersion: 'v1', ...claim }, type, reason, message);
  };
  const patch = async (status: StatusPatch) => {
    const { namespace = '', name } = claim.metadata;
    const key = { namespace, name };
    await client.patch(persistentVolumeClaims, key, 'strategic', status, { subresource: 'status' });
  };
  const about = `for volume "${volume.metadata.name}"`;
  try {
    await patch(inProgress);
    await grow();
    await patch(finished(claim, size));
  } catch (error) {
    record(
      'Warning',
      'VolumeResizeFailed',
      `NodeExpandVolume.NodeExpandVolume failed ${about} : ${errorText(error)}`,
    );
    await patch(failed(error, env.clock.now())).catch(() => undefined);
    return;
  }
  const message = `MountVolume.NodeExpandVolume succeeded ${about} ${pod.spec.nodeName ?? ''}`;
  record('Normal', 'FileSystemResizeSuccessful', message);
}
