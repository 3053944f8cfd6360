/**
 * iscsi: a disk of an iSCSI target. The machine's `iscsiadm` logs in, the disk is formatted when it is blank,
 * mounted once for all pods of the node, and bound from there. The last pod logs out.
 */

import type { ISCSIVolumeSource, Volume } from '#api/generated/types.gen.ts';
import { sleep } from '#base/clock.ts';
import { kindOf, listDirectory, removeEmptyDirectory } from '#host/files/files.ts';
import { currentMounts } from '#host/kernel/mount-info.ts';
import { isMounted, unmountUnder } from '#host/kernel/mounts.ts';
import { bindDirectory, growFileSystem, mountDisk } from '#host/kernel/volume-mounts.ts';
import { tryCommand } from '#host/processes/command.ts';
import { setOwnership } from '../ownership.ts';
import {
  type FoundVolume,
  isReadOnly,
  pluginDir,
  removeMountPoint,
  type VolumeContext,
  type VolumePlaces,
  type VolumePlugin,
  volumeDir,
  volumeName,
} from '../volume.ts';

const pluginName = 'iscsi';
const defaultPort = 3260;
const diskLooksMax = 10;
const diskLookMs = 1000;

interface Disk {
  readonly iface: string;
  readonly portal: string;
  readonly iqn: string;
  readonly lun: number;
}

export const iscsiVolume: VolumePlugin = {
  name: pluginName,
  field: 'iscsi',
  claimField: 'iscsi',
  async setUp(context, volume) {
    const source = sourceOf(context, volume);
    const target = volumeDir(context, pluginName, { name: volumeName(context, volume) });
    if (await isMounted(target)) return target;
    const isRo = mustBeReadOnly(context, volume);
    await bindDirectory(placeOf(context, nameOf(diskOf(source))), target, isRo ? ['ro'] : []);
    if (!isRo) await setOwnership(context, target, false);
    return target;
  },
  async find(places) {
    const dir = pluginDir(places.volumesDir, pluginName);
    const names = await listDirectory(dir);
    if (names.length === 0) return [];
    const devices = await mountedDevices(places);
    return names.map((name): FoundVolume => {
      const path = `${dir}/${name}`;
      const device = devices.get(path);
      return { name, path, ...(device === undefined ? {} : { device }) };
    });
  },
  tearDown: removeMountPoint,
  devices: {
    deviceOf: async (context, volume) => nameOf(diskOf(sourceOf(context, volume))),
    async mount(context, volume, name) {
      if (await isMounted(placeOf(context, name))) return;
      const source = sourceOf(context, volume);
      const device = await logIn(context, diskOf(source));
      const { mountOptions = [] } = context.claimed?.volume.spec ?? {};
      const options = [...(mustBeReadOnly(context, volume) ? ['ro'] : []), ...mountOptions];
      await mountDisk(device, placeOf(context, name), source.fsType ?? 'ext4', options);
    },
    async find(places) {
      const names: string[] = [];
      for (const iface of await listDirectory(rootOf(places))) {
        for (const disk of await listDirectory(`${rootOf(places)}/${iface}`)) names.push(`${iface}/${disk}`);
      }
      return names;
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
    const disk = diskOf(sourceOf(context, volume));
    await growFileSystem(deviceOf(disk), placeOf(context, nameOf(disk)));
  },
};

function sourceOf({ claimed }: VolumeContext, volume: Volume): ISCSIVolumeSource {
  const source = (claimed ? claimed.volume.spec : volume).iscsi! as ISCSIVolumeSource;
  if (source.chapAuthDiscovery || source.chapAuthSession) {
    throw new Error('iscsi: authentication by CHAP is not supported');
  }
  if (source.initiatorName) throw new Error('iscsi: an initiatorName of the volume is not supported');
  if (claimed?.volume.spec.volumeMode === 'Block') throw new Error('iscsi: block volumes are not supported');
  return source;
}

function mustBeReadOnly({ claimed }: VolumeContext, volume: Volume): boolean {
  return claimed ? isReadOnly(volume) : volume.iscsi?.readOnly === true;
}

function diskOf({ targetPortal, iqn, lun, iscsiInterface = 'default' }: ISCSIVolumeSource): Disk {
  const portal = /:\d+$/.test(targetPortal) ? targetPortal : `${targetPortal}:${defaultPort}`;
  return { iface: iscsiInterface, portal, iqn, lun };
}

/** As upstream calls the directory of the disk's mount. */
export function nameOf({ iface, portal, iqn, lun }: Disk): string {
  return `iface-${iface}/${portal}-${iqn}-lun-${lun}`;
}

export function parseName(name: string): Disk | undefined {
  const match = /^iface-([^/]+)\/([^/]+?:\d+)-([^/]+)-lun-(\d+)$/.exec(name);
  const [, iface = '', portal = '', iqn = '', lun = ''] = match ?? [];
  return match ? { iface, portal, iqn, lun: Number(lun) } : undefined;
}

function rootOf({ pluginsDir }: Pick<VolumePlaces, 'pluginsDir'>): string {
  return `${pluginsDir}/kubernetes.io/${pluginName}`;
}

function placeOf(places: Pick<VolumePlaces, 'pluginsDir'>, name: string): string {
  return `${rootOf(places)}/${name}`;
}

function deviceOf({ portal, iqn, lun }: Disk): string {
  return `/dev/disk/by-path/ip-${portal}-iscsi-${iqn}-lun-${lun}`;
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

async function logIn({ env }: VolumeContext, disk: Disk): Promise<string> {
  const device = deviceOf(disk);
  if ((await kindOf(device)) !== undefined) return device;
  const { portal, iqn, iface } = disk;
  const discovery = ['-m', 'discoverydb', '-t', 'sendtargets', '-p', portal, '-I', iface];
  await iscsiadm(`failed to update discoverydb to portal ${portal}`, [...discovery, '-o', 'new']);
  await iscsiadm(`failed to sendtargets to portal ${portal}`, [...discovery, '--discover']);
  const node = ['-m', 'node', '-p', portal, '-T', iqn, '-I', iface];
  await iscsiadm('failed to attach disk', [...node, '--login']);
  for (let looks = 0; looks < diskLooksMax; looks++) {
    if ((await kindOf(device)) !== undefined) return device;
    await sleep(env.clock, diskLookMs);
  }
  throw new Error(`failed to get any path for iscsi disk, last err seen:\n${device} did not appear`);
}

async function logOut({ portal, iqn, iface }: Disk): Promise<void> {
  const node = ['-m', 'node', '-p', portal, '-T', iqn, '-I', iface];
  await iscsiadm('failed to detach disk', [...node, '--logout'], [noObjects]);
  await iscsiadm('failed to delete node record', [...node, '-o', 'delete'], [noObjects]);
}

/** `iscsiadm` found no record or session. */
const noObjects = 21;

async function iscsiadm(
  what: string,
  args: readonly string[],
  allowed: readonly number[] = [],
): Promise<void> {
  const { code, stdout, stderr } = await tryCommand('iscsiadm', args).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
      throw new Error(`iscsi: ${what}: the node has no iscsiadm: install open-iscsi`);
    },
  );
  if (code === 0 || allowed.includes(code)) return;
  throw new Error(`iscsi: ${what}: ${stdout}${stderr} (exit status ${code})`);
}
