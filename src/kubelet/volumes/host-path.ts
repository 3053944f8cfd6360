/** hostPath: something of the machine itself, checked to be what the pod expects. */

import { ownValue } from '#base/own-value.ts';
import { ensureDirectory, ensureFile, type FileKind, kindOf } from '#host/files/files.ts';
import type { VolumePlugin } from './volume.ts';

const expected: Record<string, { kind: FileKind; name: string }> = {
  Directory: { kind: 'directory', name: 'a directory' },
  File: { kind: 'file', name: 'a file' },
  Socket: { kind: 'socket', name: 'a socket file' },
  CharDevice: { kind: 'characterDevice', name: 'a character device' },
  BlockDevice: { kind: 'blockDevice', name: 'a block device' },
};

export const hostPathVolume: VolumePlugin = {
  name: 'host-path',
  field: 'hostPath',
  claimField: 'hostPath',
  async setUp({ claimed, root }, volume) {
    const { path: asked, type = '' } = (claimed ? claimed.volume.spec : volume).hostPath!;
    const path = root.toMachine(asked);
    // The runtime would make the missing directory itself, but for everyone to see.
    if (type === 'DirectoryOrCreate' || type === '') {
      if ((await kindOf(path)) === undefined) await ensureDirectory(path, 0o755);
      if (type === '') return path;
    }
    if (type === 'FileOrCreate' && (await kindOf(path)) === undefined) await ensureFile(path, 0o644);
    const wanted = ownValue(expected, type.replace('OrCreate', ''));
    if (!wanted) throw new Error(`${type} is an invalid volume type`);
    if ((await kindOf(path)) !== wanted.kind) {
      throw new Error(`hostPath type check failed: ${path} is not ${wanted.name}`);
    }
    return path;
  },
  // The path is the machine's own: the kubelet has made nothing of it, and must remove nothing.
  find: async () => [],
  tearDown: async () => undefined,
};
