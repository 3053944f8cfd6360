/**
 * Publishes volumes into pods. Upstream: SetUpAt and TearDownAt of pkg/volume/csi/csi_mounter.go, and
 * csi_block.go for devices.
 */

import type { CSIDriver, Volume } from '#api/generated/types.gen.ts';
import { attachmentName } from '#api/volumes/csi-names.ts';
import { errorText } from '#base/text/error-text.ts';
import { ensureDirectory, kindOf, linkTo, removeFile } from '#host/files/files.ts';
import { setOwnership } from '../../volumes/ownership.ts';
import { pluginDir, type VolumeContext } from '../../volumes/volume.ts';
import { appliesGroup, checkLifecycleMode, needsAttachment } from '../csi-driver.ts';
import { csiText, isFinal, type NodeCalls, type NodeCapability } from '../node-calls.ts';
import { podAttributes, tokenAttributes } from '../publish-attributes.ts';
import { removeTarget, saveVolumeData, stagesDir, type VolumeData } from '../volume-data.ts';
import type { CsiParts } from './parts.ts';
import { driverSecrets } from './secrets.ts';
import { type CsiVolume, csiVolumeOf, stagingPath } from './volume-source.ts';

/** Where a volume is published, and where its data is kept. */
interface Target {
  readonly dataDir: string;
  readonly path: string;
}

export class Publications {
  readonly #parts: CsiParts;

  constructor(parts: CsiParts) {
    this.#parts = parts;
  }

  /** Returns the target path. Published again, it stays as it is when the driver fails. */
  async publish(context: VolumeContext, volume: Volume): Promise<string> {
    const csiVolume = csiVolumeOf(context, volume);
    const { driverName, mode } = csiVolume;
    const calls = this.#callsOf(driverName);
    const driver = await this.#parts.driverObject(driverName);
    try {
      checkLifecycleMode(driverName, driver, mode);
    } catch (error) {
      throw new Error(csiText('mounter.SetupAt failed to check volume lifecycle mode', error));
    }
    const capabilities = await calls.capabilities();
    const target = targetOf(context, csiVolume);
    const wasThere = (await kindOf(target.path)) !== undefined;
    await this.#prepare(target, csiVolume);
    const request = await this.#requestOf(context, csiVolume, driver, capabilities);
    try {
      await calls.publish({ ...request, targetPath: target.path });
    } catch (error) {
      if (isFinal(error) && !wasThere) await removeTarget(target.dataDir, target.path).catch(() => undefined);
      throw error;
    }
    if (csiVolume.access.isBlock) {
      await this.#linkDevice(context, csiVolume, target);
    } else if (!capabilities.has('VOLUME_MOUNT_GROUP')) {
      await this.#giveToGroup(context, csiVolume, driver, target);
    }
    return target.path;
  }

  async unpublish({ dataDir, path }: Target, { driverName, volumeHandle }: VolumeData): Promise<void> {
    const calls = this.#callsOf(driverName, 'Unmounter.TearDownAt');
    try {
      await calls.unpublish(volumeHandle, path);
    } catch (error) {
      throw new Error(csiText('Unmounter.TearDownAt failed', error));
    }
    try {
      await removeTarget(dataDir, path);
    } catch (error) {
      throw new Error(csiText(`Unmounter.TearDownAt failed to clean mount dir [${path}]`, error));
    }
  }

  async #prepare({ dataDir, path }: Target, volume: CsiVolume): Promise<void> {
    const { nodeName } = this.#parts;
    const { driverName, volumeHandle } = volume;
    await ensureDirectory(dataDir);
    await ensureDirectory(path.slice(0, path.lastIndexOf('/')));
    await saveVolumeData(dataDir, {
      specVolID: volume.name,
      volumeHandle,
      driverName,
      nodeName,
      volumeLifecycleMode: volume.mode,
      attachmentID: attachmentName(volume, nodeName),
    });
  }

  async #requestOf(
    context: VolumeContext,
    volume: CsiVolume,
    driver: CSIDriver | undefined,
    capabilities: ReadonlySet<NodeCapability>,
  ) {
    const { client, attachments } = this.#parts;
    const { pod } = context;
    const isClaimed = volume.mode === 'Persistent';
    const isStaged = isClaimed && capabilities.has('STAGE_UNSTAGE_VOLUME');
    const secrets = await driverSecrets(client, 'NodePublishSecretRef', volume.publishSecret);
    const tokens = await tokenAttributes(client, driver, pod).catch((error) => {
      const what = 'mounter.SetUpAt failed to get service accoount token attributes';
      throw new Error(csiText(what, new Error(errorText(error))));
    });
    const inSecrets = driver?.spec.serviceAccountTokenInSecrets === true;
    const { fsGroup } = pod.spec.securityContext ?? {};
    return {
      ...volume.access,
      ...(capabilities.has('VOLUME_MOUNT_GROUP') ? { fsGroup } : {}),
      volumeId: volume.volumeHandle,
      readOnly: volume.readOnly,
      stagingPath: isStaged ? stagingPath(context, volume) : undefined,
      publishContext: isClaimed && needsAttachment(driver) ? await attachments.publishContext(volume) : {},
      volumeContext: {
        ...volume.attributes,
        ...podAttributes(driver, pod, volume.mode),
        ...(inSecrets ? {} : tokens),
      },
      secrets: { ...secrets, ...(inSecrets ? tokens : {}) },
    };
  }

  /** Where `find` looks for devices of the pod. */
  async #linkDevice(
    { volumeDevicesDir }: VolumeContext,
    { name }: CsiVolume,
    { path }: Target,
  ): Promise<void> {
    const dir = pluginDir(volumeDevicesDir, 'csi');
    await ensureDirectory(dir);
    await removeFile(`${dir}/${name}`);
    await linkTo(path, `${dir}/${name}`);
  }

  async #giveToGroup(
    context: VolumeContext,
    volume: CsiVolume,
    driver: CSIDriver | undefined,
    { path }: Target,
  ): Promise<void> {
    const { readOnly, accessModes, access } = volume;
    const { fsGroup } = context.pod.spec.securityContext ?? {};
    if (!appliesGroup(driver, { fsGroup, fsType: access.fsType, readOnly, accessModes })) return;
    try {
      await setOwnership(context, path, false);
    } catch (error) {
      throw new Error(`applyFSGroup failed for vol ${volume.volumeHandle}: ${errorText(error)}`);
    }
  }

  #callsOf(driverName: string, what = 'mounter.SetUpAt'): NodeCalls {
    try {
      return this.#parts.drivers.get(driverName);
    } catch (error) {
      throw new Error(csiText(`${what} failed to get CSI client`, error));
    }
  }
}

function targetOf(context: VolumeContext, { name, access }: CsiVolume): Target {
  if (access.isBlock) {
    return deviceTarget(`${stagesDir(context)}/volumeDevices`, name, context.pod.metadata.uid);
  }
  const dataDir = `${pluginDir(context.volumesDir, 'csi')}/${folderOf(name)}`;
  return { dataDir, path: `${dataDir}/mount` };
}

/** As upstream names it: what stands for a disk of a cloud may have slashes in its name. */
function folderOf(name: string): string {
  return name.replaceAll('/', '~');
}

/** Of a device: pods of the node that use one have a target each, and each its data. */
export function deviceTarget(devicesDir: string, name: string, podUid: string): Target {
  return { dataDir: `${devicesDir}/${name}/data/${podUid}`, path: `${devicesDir}/publish/${name}/${podUid}` };
}
