/**
 * iscsi: a disk of an iSCSI target. The machine's `iscsiadm` logs in, the disk is formatted when it is blank,
 * mounted once for all pods of the node, and bound from there; a volume of the mode Block is the disk itself. The last
 * pod logs out.
 */

import { secrets } from '#api/generated/kinds.gen.ts';
import type { ISCSIPersistentVolumeSource, ISCSIVolumeSource, Volume } from '#api/generated/types.gen.ts';
import { errorText } from '#base/text/error-text.ts';
import {
  ensureDirectory,
  linkTo,
  listDirectory,
  readLink,
  removeEmptyDirectory,
  removeFile,
} from '#host/files/files.ts';
import { currentMounts } from '#host/kernel/mount-info.ts';
import { isMounted, unmountUnder } from '#host/kernel/mounts.ts';
import { bindDirectory, growFileSystem, mountDisk } from '#host/kernel/volume-mounts.ts';
import { setOwnership } from '../ownership.ts';
import {
  type FoundVolume,
  isBlock,
  isReadOnly,
  NotMountable,
  pluginDir,
  removeMountPoint,
  type VolumeContext,
  type VolumePlaces,
  type VolumePlugin,
  volumeDir,
  volumeName,
} from '../volume.ts';
import { type Chap, devicePath, type IscsiDisk, logIn, logOut } from './iscsi-disk.ts';

const pluginName = 'iscsi';
const defaultPort = 3260;
/** Disks that pods have as devices are kept apart from those that are mounted. */
const blockPrefix = 'volumeDevices/';

export const iscsiVolume: VolumePlugin = {
  name: pluginName,
  field: 'iscsi',
  claimField: 'iscsi',
  async setUp(context, volume) {
    const source = sourceOf(context, volume);
    if (isBlock(context)) return linkDevice(context, volume, diskOf(source));
    const target = volumeDir(context, pluginName, { name: volumeName(context, volume) });
    if (await isMounted(target)) return target;
    const isRo = mustBeReadOnly(context, volume);
    await bindDirectory(placeOf(context, nameOf(diskOf(source))), target, isRo ? ['ro'] : []);
    if (!isRo) await setOwnership(context, target, false);
    return target;
  },
  async find(places) {
    return [...(await findMounts(places)), ...(await findLinks(places))];
  },
  async tearDown(volume) {
    if ((await readLink(volume.path)) === undefined) await removeMountPoint(volume);
    else await removeFile(volume.path);
  },
  devices: {
    async deviceOf(context, volume) {
      return (isBlock(context) ? blockPrefix : '') + nameOf(diskOf(sourceOf(context, volume)));
    },
    async mount(context, volume, name) {
      const place = placeOf(context, name);
      if (await isMounted(place)) return;
      const source = sourceOf(context, volume);
      const disk = diskOf(source);
      if (isBlock(context)) await ensureDirectory(place);
      const device = await logIn(context.env.clock, disk, await chapOf(context, source));
      if (isBlock(context)) return;
      const { mountOptions = [] } = context.claimed?.volume.spec ?? {};
      const options = [...(mustBeReadOnly(context, volume) ? ['ro'] : []), ...mountOptions];
      await mountDisk(device, place, source.fsType, options);
    },
    async find(places) {
      return [...(await findDisks(places, '')), ...(await findDisks(places, blockPrefix))];
    },
    async unmount(places, name) {
      await unmountUnder(placeOf(places, name));
      await removeEmptyDirectory(placeOf(places, name));
      const disk = parseName(name);
      const others = (await this.find(places)).map(parseName);
      const isShared = others.some((other) => other?.iqn === disk?.iqn && other?.portal === disk?.portal);
      if (disk && !isShared) await logOut(disk);
    },
  },
  async expand(context, volume) {
    if (isBlock(context)) return;
    const disk = diskOf(sourceOf(context, volume));
    await growFileSystem(devicePath(disk), placeOf(context, nameOf(disk)));
  },
};

function sourceOf({ claimed }: VolumeContext, volume: Volume): ISCSIVolumeSource {
  const source = (claimed ? claimed.volume.spec : volume).iscsi! as ISCSIPersistentVolumeSource;
  if (source.initiatorName) throw new Error('iscsi: an initiatorName of the volume is not supported');
  return source;
}

/** Undefined where it is not asked for. */
async function chapOf(
  { client, pod }: VolumeContext,
  { chapAuthDiscovery, chapAuthSession, secretRef }: ISCSIPersistentVolumeSource,
): Promise<Chap | undefined> {
  const forDiscovery = chapAuthDiscovery === true;
  const forSession = chapAuthSession === true;
  if (!forDiscovery && !forSession) return undefined;
  const name = secretRef?.name;
  if (!name) return { forDiscovery, forSession, secret: {} };
  const namespace = secretRef.namespace ?? pod.metadata.namespace ?? '';
  const { data = {} } = await client.get(secrets, { namespace, name }).catch((error: unknown) => {
    throw new NotMountable(`couldn't get secret ${namespace}/${name} error: ${errorText(error)}`);
  });
  const texts = Object.entries(data).map(([key, base64]) => [key, Buffer.from(base64, 'base64').toString()]);
  return { forDiscovery, forSession, secret: Object.fromEntries(texts) };
}

/** A link to the disk, where `find` sees that the pod has it. */
async function linkDevice(context: VolumeContext, volume: Volume, disk: IscsiDisk): Promise<string> {
  const dir = pluginDir(context.volumeDevicesDir, pluginName);
  const link = `${dir}/${volumeName(context, volume)}`;
  await ensureDirectory(dir);
  await removeFile(link);
  await linkTo(placeOf(context, blockPrefix + nameOf(disk)), link);
  return devicePath(disk);
}

async function findMounts(places: VolumePlaces): Promise<FoundVolume[]> {
  const dir = pluginDir(places.volumesDir, pluginName);
  const names = await listDirectory(dir);
  if (names.length === 0) return [];
  const devices = await mountedDevices(places);
  return names.map((name): FoundVolume => {
    const path = `${dir}/${name}`;
    const device = devices.get(path);
    return { name, path, ...(device === undefined ? {} : { device }) };
  });
}

async function findLinks(places: VolumePlaces): Promise<FoundVolume[]> {
  const dir = pluginDir(places.volumeDevicesDir, pluginName);
  const names = await listDirectory(dir);
  return Promise.all(
    names.map(async (name): Promise<FoundVolume> => {
      const path = `${dir}/${name}`;
      const place = (await readLink(path)) ?? '';
      return { name, path, device: place.slice(rootOf(places).length + 1) };
    }),
  );
}

async function findDisks(places: Pick<VolumePlaces, 'pluginsDir'>, prefix: string): Promise<string[]> {
  const names: string[] = [];
  for (const iface of await listDirectory(placeOf(places, prefix))) {
    if (!iface.startsWith('iface-')) continue;
    for (const disk of await listDirectory(placeOf(places, `${prefix}${iface}`))) {
      names.push(`${prefix}${iface}/${disk}`);
    }
  }
  return names;
}

function mustBeReadOnly({ claimed }: VolumeContext, volume: Volume): boolean {
  return claimed ? isReadOnly(volume) : volume.iscsi?.readOnly === true;
}

function diskOf({ targetPortal, iqn, lun, iscsiInterface = 'default' }: ISCSIVolumeSource): IscsiDisk {
  const portal = /:\d+$/.test(targetPortal) ? targetPortal : `${targetPortal}:${defaultPort}`;
  return { iface: iscsiInterface, portal, iqn, lun };
}

/** As upstream calls the directory of the disk's mount. */
export function nameOf({ iface, portal, iqn, lun }: IscsiDisk): string {
  return `iface-${iface}/${portal}-${iqn}-lun-${lun}`;
}

export function parseName(name: string): IscsiDisk | undefined {
  const match = /^(?:volumeDevices\/)?iface-([^/]+)\/([^/]+?:\d+)-([^/]+)-lun-(\d+)$/.exec(name);
  const [, iface = '', portal = '', iqn = '', lun = ''] = match ?? [];
  return match ? { iface, portal, iqn, lun: Number(lun) } : undefined;
}

function rootOf({ pluginsDir }: Pick<VolumePlaces, 'pluginsDir'>): string {
  return `${pluginsDir}/kubernetes.io/${pluginName}`;
}

function placeOf(places: Pick<VolumePlaces, 'pluginsDir'>, name: string): string {
  return `${rootOf(places)}/${name}`;
}

/** The disk mount that each mount point stands on, by what the kernel says is the same file system. */
async function mountedDevices(places: VolumePlaces): Promise<Map<string, string>> {
  const mounts = await currentMounts();
  const root = `${rootOf(places)}/`;
  const disks = new Map(
    mounts
      .filter(({ path }) => path.startsWith(root))
      .map(({ device, path }) => [device, path.slice(root.length)]),
  );
  return new Map(
    mounts.flatMap(({ device, path }) => {
      const disk = disks.get(device);
      return disk === undefined ? [] : [[path, disk] as const];
    }),
  );
}
