/** The node service: volumes of this node are staged, and published into pods. Every call may be repeated. */

import { statfs } from 'node:fs/promises';
import { type Handlers, type Message, RpcError } from '../protocol/service.ts';
import type { Folders } from '../storage/folders.ts';
import { bindMount, isMounted, unmount } from '../storage/mounts.ts';
import { topologyKey } from './controller.ts';

const capabilities = ['STAGE_UNSTAGE_VOLUME', 'GET_VOLUME_STATS', 'EXPAND_VOLUME'];
const volumesMax = 100;

export function node(folders: Folders, nodeName: string): Handlers {
  return {
    NodeGetInfo: () => ({
      nodeId: nodeName,
      maxVolumesPerNode: volumesMax,
      accessibleTopology: { segments: { [topologyKey]: nodeName } },
    }),
    NodeGetCapabilities: () => ({ capabilities: capabilities.map((type) => ({ rpc: { type } })) }),
    async NodeStageVolume({ volumeId, stagingTargetPath, publishContext }) {
      needs(stagingTargetPath, 'a staging target path');
      const { id, attachedTo } = await folders.get(volumeId);
      if (publishContext.attachedTo !== nodeName || attachedTo !== nodeName) {
        throw new RpcError('FAILED_PRECONDITION', `volume ${id} is not attached to ${nodeName}`);
      }
      await bindMount(folders.pathOf(id), stagingTargetPath, []);
      return {};
    },
    async NodeUnstageVolume({ stagingTargetPath }) {
      needs(stagingTargetPath, 'a staging target path');
      await unmount(stagingTargetPath);
      return {};
    },
    async NodePublishVolume({ volumeId, targetPath, stagingTargetPath, readonly, volumeContext }) {
      needs(targetPath, 'a target path');
      const isInline = volumeContext['csi.storage.k8s.io/ephemeral'] === 'true';
      if (isInline) await folders.make({ id: volumeId, bytes: 0 });
      else needs(stagingTargetPath, 'a staging target path');
      const from = isInline ? folders.pathOf(volumeId) : stagingTargetPath;
      await bindMount(from, targetPath, readonly ? ['ro'] : []);
      return {};
    },
    async NodeUnpublishVolume({ volumeId, targetPath }) {
      needs(targetPath, 'a target path');
      await unmount(targetPath);
      // Inline volumes end with their pod; the others are the controller's.
      if ((await folders.find(volumeId))?.bytes === 0) await folders.remove(volumeId);
      return {};
    },
    async NodeGetVolumeStats({ volumeId, volumePath }) {
      await folders.get(volumeId);
      if (!(await isMounted(volumePath))) {
        throw new RpcError('NOT_FOUND', `nothing is mounted at ${volumePath}`);
      }
      return { usage: await usageOf(volumePath) };
    },
    async NodeExpandVolume({ volumeId }) {
      return { capacityBytes: (await folders.get(volumeId)).bytes };
    },
  };
}

async function usageOf(path: string): Promise<Message[]> {
  const { blocks, bavail, bfree, bsize, files, ffree } = await statfs(path);
  const bytes = { total: blocks * bsize, available: bavail * bsize, used: (blocks - bfree) * bsize };
  return [
    { unit: 'BYTES', ...bytes },
    { unit: 'INODES', total: files, available: ffree, used: files - ffree },
  ];
}

function needs(value: string, what: string): void {
  if (!value) throw new RpcError('INVALID_ARGUMENT', `${what} is missing`);
}
