/**
 * Stages volumes on the node: once for all pods that use a volume there. Upstream: MountDevice and
 * UnmountDevice of pkg/volume/csi/csi_attacher.go.
 */

import type { Volume } from '#api/generated/types.gen.ts';
import { attachmentName, uniqueName } from '#api/volumes/csi-names.ts';
import { errorText } from '#base/text/error-text.ts';
import { ensureDirectory } from '#host/files/files.ts';
import { PodRejected, SetupError } from '../../runtime/machine.ts';
import {
  type DeviceMounts,
  persistentVolumeOf,
  type VolumeContext,
  type VolumePlaces,
} from '../../volumes/volume.ts';
import { AttachFailed, NotAttached } from '../attachment.ts';
import { needsAttachment } from '../csi-driver.ts';
import { csiText, isFinal } from '../node-calls.ts';
import { findStages, loadVolumeData, removeTarget, saveVolumeData, stagesDir } from '../volume-data.ts';
import type { CsiParts } from './parts.ts';
import { driverSecrets } from './secrets.ts';
import { type CsiVolume, csiVolumeOf, stageOf, stagingPath } from './volume-source.ts';

export class Stages implements DeviceMounts {
  readonly #parts: CsiParts;
  /** By this life of the kubelet. */
  readonly #staged = new Set<string>();

  constructor(parts: CsiParts) {
    this.#parts = parts;
  }

  async deviceOf(context: VolumeContext, volume: Volume): Promise<string | undefined> {
    return persistentVolumeOf(context) ? stageOf(csiVolumeOf(context, volume)) : undefined;
  }

  async mount(context: VolumeContext, volume: Volume, stage: string): Promise<void> {
    const csiVolume = csiVolumeOf(context, volume);
    const dir = `${stagesDir(context)}/${stage}`;
    try {
      await this.#waitForAttachment(context, volume.name, csiVolume);
      if (this.#staged.has(stage)) return;
      await this.#stage(context, csiVolume, dir);
      this.#staged.add(stage);
    } catch (error) {
      // Nothing is left that `unmount` would find: the volume may be detached.
      if ((await loadVolumeData(dir)) === undefined) this.#parts.inUse.release(uniqueName(csiVolume));
      throw error;
    }
  }

  find(places: Pick<VolumePlaces, 'pluginsDir'>): Promise<string[]> {
    return findStages(places);
  }

  /** Volumes that an earlier life of the kubelet has staged are in use. */
  async restore(places: Pick<VolumePlaces, 'pluginsDir'>): Promise<void> {
    for (const stage of await findStages(places)) {
      const data = await loadVolumeData(`${stagesDir(places)}/${stage}`);
      if (data?.attachmentID) this.#parts.inUse.add(uniqueName(data));
    }
  }

  async unmount(places: Pick<VolumePlaces, 'pluginsDir'>, stage: string): Promise<void> {
    const dir = `${stagesDir(places)}/${stage}`;
    const data = await loadVolumeData(dir);
    if (!data) return removeTarget(dir, `${dir}/globalmount`);
    const { driverName, volumeHandle, stagingPath: path = `${dir}/globalmount` } = data;
    try {
      const calls = this.#parts.drivers.get(driverName);
      const isStaged = (await calls.capabilities()).has('STAGE_UNSTAGE_VOLUME');
      if (isStaged) await calls.unstage(volumeHandle, path);
    } catch (error) {
      throw new Error(csiText('attacher.UnmountDevice failed', error));
    }
    this.#staged.delete(stage);
    await removeTarget(dir, path);
    this.#parts.inUse.release(uniqueName(data));
  }

  async #waitForAttachment({ pod }: VolumeContext, inPod: string, volume: CsiVolume): Promise<void> {
    const { driverObject, attachments } = this.#parts;
    if (!needsAttachment(await driverObject(volume.driverName))) return;
    try {
      await attachments.wait(volume, pod);
    } catch (error) {
      if (error instanceof NotAttached) throw await this.#notAttached(inPod, volume, error);
      if (!(error instanceof AttachFailed)) throw error;
      const [step, reason] = volume.access.isBlock
        ? (['MapVolume', 'FailedMapVolume'] as const)
        : (['MountVolume', 'FailedMount'] as const);
      throw new SetupError(
        reason,
        `${step}.WaitForAttach failed for volume "${volume.name}" : ${error.message}`,
      );
    }
  }

  /** The pod is rejected when the node has reached the limit that its driver keeps up to date. */
  async #notAttached(inPod: string, volume: CsiVolume, { message }: NotAttached): Promise<Error> {
    const { attachments, limits } = this.#parts;
    const lists = `unmounted volumes=[${inPod}], unattached volumes=[${inPod}], failed to process volumes=[]`;
    if (limits.areKept(volume.driverName) && (await attachments.isExhausted(volume))) {
      await limits.refresh(volume.driverName);
      const reached = 'Node has reached its volume attachment limit, rejecting pod.';
      return new PodRejected('VolumeAttachmentLimitExceeded', `${reached} ${lists}: ${message}`);
    }
    return new SetupError('FailedMount', `Unable to attach or mount volumes: ${lists}: ${message}`);
  }

  async #stage(context: VolumeContext, volume: CsiVolume, dir: string): Promise<void> {
    const { client, attachments, driverObject } = this.#parts;
    const { driverName, volumeHandle } = volume;
    const calls = this.#callsOf(driverName);
    const capabilities = await calls.capabilities();
    const isAttached = needsAttachment(await driverObject(driverName));
    const publishContext = isAttached ? await attachments.publishContext(volume) : {};
    const path = stagingPath(context, volume);
    await ensureDirectory(path);
    await ensureDirectory(dir);
    // Kept where the driver does not stage, too: the volume is in use until this is gone.
    const place = volume.access.isBlock ? { stagingPath: path } : {};
    const attached = isAttached ? { attachmentID: attachmentName(volume, this.#parts.nodeName) } : {};
    await saveVolumeData(dir, { driverName, volumeHandle, ...place, ...attached });
    if (!capabilities.has('STAGE_UNSTAGE_VOLUME')) return;
    const secrets = await driverSecrets(client, 'NodeStageSecretRef', volume.stageSecret);
    const { fsGroup } = context.pod.spec.securityContext ?? {};
    const group = capabilities.has('VOLUME_MOUNT_GROUP') ? { fsGroup } : {};
    const { attributes: volumeContext, access } = volume;
    const request = { volumeId: volumeHandle, stagingPath: path, publishContext, volumeContext, secrets };
    try {
      await calls.stage({ ...request, ...access, ...group });
    } catch (error) {
      if (isFinal(error)) await removeTarget(dir, path).catch(() => undefined);
      throw error;
    }
  }

  #callsOf(driverName: string) {
    try {
      return this.#parts.drivers.get(driverName);
    } catch (error) {
      const what = 'attacher.MountDevice failed to create newCsiDriverClient';
      throw new Error(csiText(what, new Error(errorText(error))));
    }
  }
}
