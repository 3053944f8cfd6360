/** Where the one real node of a cluster keeps its files on this machine, and how to remove them. */

import { join } from 'node:path';
import { type ContainerdOptions, deleteContainerd } from '../containerd/containerd.ts';
import { unmountUnder } from '../kernel/mounts.ts';
import type { ClusterPaths } from './cluster-home.ts';

/** Debian's folder of CNI plugins. */
const cniBinDir = '/usr/lib/cni';

export function cniConfDir(paths: ClusterPaths): string {
  return join(paths.node, 'cni', 'net.d');
}

export function cniLeaseDir(paths: ClusterPaths): string {
  return join(paths.node, 'cni', 'leases');
}

export function kubeletDir(paths: ClusterPaths): string {
  return join(paths.node, 'kubelet');
}

/** Volumes of claims, unless `up --storage-path` has chosen another place. */
export function nodeStorageDir(paths: ClusterPaths): string {
  return join(paths.node, 'storage');
}

/** First part of the path of every cgroup of this cluster. */
export function cgroupRoot(paths: ClusterPaths): string {
  return `kybern-${paths.run.split('/').at(-1)}`;
}

export function containerdOptions(paths: ClusterPaths): ContainerdOptions {
  return {
    dataDir: paths.node,
    runDir: paths.run,
    podCni: { binDir: cniBinDir, confDir: cniConfDir(paths) },
    cgroupRoot: cgroupRoot(paths),
  };
}

/**
 * Removes containers, their networks, volumes and mounts. The caller removes the files below `paths.dir`; what
 * lies in `storageDir`, which the user has chosen, stays.
 */
export async function deleteNode(paths: ClusterPaths, storageDir: string | undefined): Promise<void> {
  await deleteContainerd(containerdOptions(paths));
  await unmountUnder(paths.node);
  if (storageDir !== undefined) await unmountUnder(storageDir);
}
