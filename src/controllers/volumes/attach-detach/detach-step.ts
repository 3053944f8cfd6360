/**
 * Deletes a VolumeAttachment after a look at the newest node: the cache may not show yet that its kubelet has
 * mounted the volume again. Upstream: verifyVolumeIsSafeToDetach.
 */

import { nodes, volumeAttachments } from '#api/generated/kinds.gen.ts';
import type { Node, VolumeAttachment } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { StatusError } from '#api/meta/status.ts';
import type { Client } from '#client/client.ts';
import { nothingToDo, planOf, targetOf } from '#client/controllers/plan.ts';
import type { SpecialStep } from '#client/controllers/special.ts';

export interface DetachData {
  readonly attachment: Stored<VolumeAttachment>;
  readonly nodeName: string;
  readonly uniqueName: string;
}

export const detachStep: SpecialStep<DetachData> = {
  name: 'detach',
  async carryOut({ attachment, nodeName, uniqueName }, client) {
    const node = await liveNode(client, nodeName);
    // The informer will show this update of the node, and then wakes the volume.
    if (node?.status?.volumesInUse?.includes(uniqueName)) return nothingToDo;
    const target = { ...targetOf(volumeAttachments, attachment), uid: attachment.metadata.uid };
    return planOf([{ do: 'delete', ...target, ignore: ['NotFound'] }], undefined);
  },
};

async function liveNode(client: Client, name: string): Promise<Node | undefined> {
  try {
    return await client.get(nodes, { name });
  } catch (error) {
    if (error instanceof StatusError && error.code === 404) return undefined;
    throw error;
  }
}
