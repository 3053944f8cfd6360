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

/** Removes containers, their networks, volumes and mounts. The caller removes the files below `paths.dir`. */
export async function deleteNode(paths: ClusterPaths): Promise<void> {
  await deleteContainerd(containerdOptions(paths));
  await unmountUnder(paths.node);
}
