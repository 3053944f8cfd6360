/**
 * A disk of an iSCSI target on this machine: its `iscsiadm` logs in and out. Follows upstream's iscsi_util.go. Passwords of
 * CHAP are arguments of `iscsiadm`, which takes them in no other way; they are in no message.
 */

import { type Clock, sleep } from '#base/clock.ts';
import { kindOf } from '#host/files/files.ts';
import { tryCommand } from '#host/processes/command.ts';

const diskLooksMax = 10;
const diskLookMs = 1000;

export interface IscsiDisk {
  readonly iface: string;
  readonly portal: string;
  readonly iqn: string;
  readonly lun: number;
}

export interface Chap {
  readonly forDiscovery: boolean;
  readonly forSession: boolean;
  /** By the names of settings of `iscsiadm`. */
  readonly secret: Readonly<Record<string, string>>;
}

const auth = ['username', 'password', 'username_in', 'password_in'];

/** Where the kernel lists it. */
export function devicePath({ portal, iqn, lun }: IscsiDisk): string {
  return `/dev/disk/by-path/ip-${portal}-iscsi-${iqn}-lun-${lun}`;
}

/** Returns the path of its device. */
export async function logIn(clock: Clock, disk: IscsiDisk, chap: Chap | undefined): Promise<string> {
  const device = devicePath(disk);
  if ((await kindOf(device)) !== undefined) return device;
  await discover(disk, chap);
  const node = nodeOf(disk);
  if (chap?.forSession) await setChap('iscsi node', node, 'node.session.auth', chap);
  await iscsiadm('failed to attach disk', [...node, '--login']).catch(async (error: unknown) => {
    await iscsiadm('failed to delete node record', [...node, '-o', 'delete']).catch(() => undefined);
    throw error;
  });
  for (let looks = 0; looks < diskLooksMax; looks++) {
    if ((await kindOf(device)) !== undefined) return device;
    await sleep(clock, diskLookMs);
  }
  throw new Error(`failed to get any path for iscsi disk, last err seen:\n${device} did not appear`);
}

export async function logOut(disk: IscsiDisk): Promise<void> {
  const node = nodeOf(disk);
  await iscsiadm('failed to detach disk', [...node, '--logout'], [noObjects]);
  await iscsiadm('failed to delete node record', [...node, '-o', 'delete'], [noObjects]);
}

function nodeOf({ portal, iqn, iface }: IscsiDisk): string[] {
  return ['-m', 'node', '-p', portal, '-T', iqn, '-I', iface];
}

async function discover({ portal, iface }: IscsiDisk, chap: Chap | undefined): Promise<void> {
  const discovery = ['-m', 'discoverydb', '-t', 'sendtargets', '-p', portal, '-I', iface];
  await iscsiadm(`failed to update discoverydb to portal ${portal}`, [...discovery, '-o', 'new']);
  if (chap?.forDiscovery) await setChap('discoverydb', discovery, 'discovery.sendtargets.auth', chap);
  await iscsiadm(`failed to sendtargets to portal ${portal}`, [...discovery, '--discover']).catch(
    async (error: unknown) => {
      await iscsiadm('failed to delete discoverydb record', [...discovery, '-o', 'delete']).catch(
        () => undefined,
      );
      throw error;
    },
  );
}

/** Sets what the secret has of `PREFIX.username`, `PREFIX.password` and those of the other direction. */
async function setChap(
  what: string,
  record: readonly string[],
  prefix: string,
  { secret }: Chap,
): Promise<void> {
  const update = (name: string, value: string) => [...record, '-o', 'update', '-n', name, '-v', value];
  await iscsiadm(`failed to update ${what} with CHAP`, update(`${prefix}.authmethod`, 'CHAP'));
  for (const key of auth.map((name) => `${prefix}.${name}`)) {
    const value = secret[key];
    if (value) await iscsiadm(`failed to update ${what} key "${key}"`, update(key, value));
  }
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
