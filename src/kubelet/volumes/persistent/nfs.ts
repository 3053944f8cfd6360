/** nfs: an export of an NFS server, mounted by the machine's `mount.nfs`, for each pod by itself. */

import { listDirectory } from '#host/files/files.ts';
import { mountVolume } from '#host/kernel/volume-mounts.ts';
import {
  isReadOnly,
  pluginDir,
  removeMountPoint,
  type VolumePlugin,
  volumeDir,
  volumeName,
} from '../volume.ts';

const pluginName = 'nfs';
/** As long as upstream's kubelet waits for a pod's volumes: a server that is away does not answer. */
const mountLimitMs = 123_000;

export const nfsVolume: VolumePlugin = {
  name: pluginName,
  field: 'nfs',
  claimField: 'nfs',
  async setUp(context, volume) {
    const { claimed } = context;
    const { server, path, readOnly } = (claimed ? claimed.volume.spec : volume).nfs!;
    const target = volumeDir(context, pluginName, { name: volumeName(context, volume) });
    const isRo = claimed ? isReadOnly(volume) : readOnly === true;
    const options = [...(claimed?.volume.spec.mountOptions ?? []), ...(isRo ? ['ro'] : [])];
    const host = server.includes(':') ? `[${server}]` : server;
    const source = `${host}:${path}`;
    await mountVolume({ source, target, type: 'nfs', options, timeoutMs: mountLimitMs });
    return target;
  },
  async find({ volumesDir }) {
    const dir = pluginDir(volumesDir, pluginName);
    return (await listDirectory(dir)).map((name) => ({ name, path: `${dir}/${name}` }));
  },
  tearDown: removeMountPoint,
};
