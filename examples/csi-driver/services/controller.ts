/** The controller service: volumes are made, attached, enlarged and removed. Every call may be repeated. */

import { type Handlers, type Message, RpcError } from '../protocol/service.ts';
import type { Folders } from '../storage/folders.ts';

/** The label of a Node, and the key of topology, that says on which node a folder is. */
export const topologyKey = 'folders.csi.example.com/node';
const bytesDefault = 1024 ** 3;
const capabilities = ['CREATE_DELETE_VOLUME', 'PUBLISH_UNPUBLISH_VOLUME', 'EXPAND_VOLUME', 'GET_CAPACITY'];

export function controller(folders: Folders, nodeName: string): Handlers {
  return {
    ControllerGetCapabilities: () => ({ capabilities: capabilities.map((type) => ({ rpc: { type } })) }),
    ...volumes(folders, nodeName),
    ...attachments(folders, nodeName),
    async ValidateVolumeCapabilities({ volumeId, volumeCapabilities }) {
      await folders.get(volumeId);
      checkCapabilities(volumeCapabilities);
      return { confirmed: { volumeCapabilities } };
    },
    async GetCapacity() {
      return { availableCapacity: await folders.freeBytes() };
    },
  };
}

function volumes(folders: Folders, nodeName: string): Handlers {
  const topology = [{ segments: { [topologyKey]: nodeName } }];
  return {
    async CreateVolume({ name, capacityRange, volumeCapabilities, parameters }) {
      if (!name) throw new RpcError('INVALID_ARGUMENT', 'a volume needs a name');
      checkCapabilities(volumeCapabilities);
      const bytes = sizeOf(capacityRange);
      const existing = await folders.find(name);
      if (existing && existing.bytes < bytes) {
        throw new RpcError('ALREADY_EXISTS', `volume ${name} exists with ${existing.bytes} bytes`);
      }
      await checkRoom(folders, bytes);
      if (!existing) await folders.make({ id: name, bytes });
      const volume = { volumeId: name, capacityBytes: existing?.bytes ?? bytes, volumeContext: parameters };
      return { volume: { ...volume, accessibleTopology: topology } };
    },
    async DeleteVolume({ volumeId }) {
      const { attachedTo } = (await folders.find(volumeId)) ?? {};
      if (attachedTo) {
        throw new RpcError('FAILED_PRECONDITION', `volume ${volumeId} is attached to ${attachedTo}`);
      }
      await folders.remove(volumeId);
      return {};
    },
    async ControllerExpandVolume({ volumeId, capacityRange }) {
      const volume = await folders.get(volumeId);
      const capacityBytes = Math.max(volume.bytes, sizeOf(capacityRange));
      await checkRoom(folders, capacityBytes - volume.bytes);
      await folders.write({ ...volume, bytes: capacityBytes });
      return { capacityBytes, nodeExpansionRequired: true };
    },
  };
}

function attachments(folders: Folders, nodeName: string): Handlers {
  return {
    async ControllerPublishVolume({ volumeId, nodeId }) {
      const volume = await folders.get(volumeId);
      if (nodeId !== nodeName) {
        throw new RpcError('NOT_FOUND', `node ${nodeId} does not have volume ${volumeId}`);
      }
      await folders.write({ ...volume, attachedTo: nodeId });
      return { publishContext: { attachedTo: nodeId } };
    },
    async ControllerUnpublishVolume({ volumeId }) {
      const volume = await folders.find(volumeId);
      if (volume) await folders.write({ id: volume.id, bytes: volume.bytes });
      return {};
    },
  };
}

async function checkRoom(folders: Folders, bytes: number): Promise<void> {
  if (bytes > (await folders.freeBytes())) {
    throw new RpcError('OUT_OF_RANGE', 'the disk has not so much room');
  }
}

function sizeOf(range: Message | null): number {
  const { requiredBytes = 0, limitBytes = 0 } = range ?? {};
  const bytes = requiredBytes || Math.min(bytesDefault, limitBytes || bytesDefault);
  if (limitBytes > 0 && bytes > limitBytes) {
    throw new RpcError('OUT_OF_RANGE', `${bytes} bytes are over the limit`);
  }
  return bytes;
}

function checkCapabilities(wanted: readonly Message[]): void {
  if (wanted.length === 0) throw new RpcError('INVALID_ARGUMENT', 'volume capabilities are missing');
  for (const { block, accessMode } of wanted) {
    if (block) throw new RpcError('INVALID_ARGUMENT', 'a folder is no block device');
    if (/^MULTI_NODE/.test(accessMode?.mode ?? '')) {
      throw new RpcError('INVALID_ARGUMENT', 'a folder is on one node only');
    }
  }
}
