/**
 * csi: a volume of a CSI driver. One of a claim is staged once on the node and published into each pod; one
 * that the pod names itself is only published. Follows upstream's pkg/volume/csi, its places and messages.
 */

import { basename, dirname } from 'node:path';
import { quantityValue } from '#api/values/quantity.ts';
import { sha256 } from '#api/volumes/csi-names.ts';
import { listDirectory, readLink, removeFile } from '#host/files/files.ts';
import { type FoundVolume, pluginDir, type VolumePlaces, type VolumePlugin } from '../../volumes/volume.ts';
import { loadVolumeData, removeTarget, type VolumeData } from '../volume-data.ts';
import type { CsiParts } from './parts.ts';
import { deviceTarget, Publications } from './publications.ts';
import { driverSecrets } from './secrets.ts';
import type { Stages } from './stages.ts';
import { reportedStats } from './stats.ts';
import { csiVolumeOf, stagingPath } from './volume-source.ts';

const name = 'csi';

export function csiPlugin(parts: CsiParts, stages: Stages): VolumePlugin {
  const publications = new Publications(parts);
  return {
    name,
    field: 'csi',
    claimField: 'csi',
    repeats: (context, volume) => {
      const { driverName } = csiVolumeOf(context, volume);
      return parts.cachedDriverObject(driverName)?.spec.requiresRepublish === true;
    },
    setUp: (context, volume) => publications.publish(context, volume),
    async find(places) {
      return [...(await findMounts(places)), ...(await findDevices(places))];
    },
    async tearDown(volume) {
      const link = await readLink(volume.path);
      const target = link ? targetOfDevice(link) : { dataDir: dirname(volume.path), path: volume.path };
      const data = await loadVolumeData(target.dataDir);
      if (data) await publications.unpublish(target, data);
      // A crash before the data was written: the driver knows nothing of it.
      else await removeTarget(target.dataDir, target.path);
      if (link) await removeFile(volume.path);
    },
    devices: stages,
    driverOf: (context, volume) => csiVolumeOf(context, volume).driverName,
    async expand(context, volume, path) {
      const csiVolume = csiVolumeOf(context, volume);
      const calls = parts.drivers.get(csiVolume.driverName);
      const capabilities = await calls.capabilities();
      if (!capabilities.has('EXPAND_VOLUME')) return;
      const isStaged = capabilities.has('STAGE_UNSTAGE_VOLUME');
      const { capacity } = context.claimed!.volume.spec;
      await calls.expand({
        ...csiVolume.access,
        volumeId: csiVolume.volumeHandle,
        volumePath: path,
        stagingPath: isStaged ? stagingPath(context, csiVolume) : undefined,
        requiredBytes: quantityValue(capacity?.['storage']),
        secrets: await driverSecrets(parts.client, 'NodeExpandSecretRef', csiVolume.expandSecret),
      });
    },
    async measure(path, isBlock) {
      const { dataDir } = isBlock ? targetOfDevice(path) : { dataDir: dirname(path) };
      const { driverName = '', volumeHandle = '' } = (await loadVolumeData(dataDir)) ?? {};
      const calls = parts.drivers.get(driverName);
      if (!(await calls.capabilities()).has('GET_VOLUME_STATS')) return undefined;
      return reportedStats(await calls.stats(volumeHandle, path));
    },
  };
}

async function findMounts({ volumesDir }: VolumePlaces): Promise<FoundVolume[]> {
  const dir = pluginDir(volumesDir, name);
  const names = await listDirectory(dir);
  return Promise.all(
    names.map(async (volume) => ({
      name: volume,
      path: `${dir}/${volume}/mount`,
      ...foundOf(await loadVolumeData(`${dir}/${volume}`)),
    })),
  );
}

async function findDevices({ volumeDevicesDir }: VolumePlaces): Promise<FoundVolume[]> {
  const dir = pluginDir(volumeDevicesDir, name);
  const names = await listDirectory(dir);
  return Promise.all(
    names.map(async (volume) => {
      const link = await readLink(`${dir}/${volume}`);
      const data = link ? await loadVolumeData(targetOfDevice(link).dataDir) : undefined;
      return { name: volume, path: `${dir}/${volume}`, ...foundOf(data) };
    }),
  );
}

function foundOf(data: VolumeData | undefined): Pick<FoundVolume, 'device' | 'driver'> {
  if (!data) return {};
  const { driverName: driver, volumeHandle, volumeLifecycleMode } = data;
  return volumeLifecycleMode === 'Persistent'
    ? { driver, device: `${driver}/${sha256(volumeHandle)}` }
    : { driver };
}

/** `…/volumeDevices/publish/NAME/UID`. */
function targetOfDevice(link: string) {
  const devicesDir = dirname(dirname(dirname(link)));
  return deviceTarget(devicesDir, basename(dirname(link)), basename(link));
}
