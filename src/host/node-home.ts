/** Where the one real node of a cluster keeps its things on this machine, and how to take them all away. */

import { existsSync, readdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ClusterPaths } from './cluster-home.ts';
import { tryCommand } from './command.ts';
import { type ContainerdOptions, deleteContainerd } from './containerd.ts';
import { isMounted, unmountUnder } from './mounts.ts';

/** Debian's folder of CNI plugins. */
const cniBinDir = '/usr/lib/cni';
const netnsDir = '/run/netns';

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

/** Containers, their networks, volumes and mounts. The files below `paths.dir` are the caller's to remove. */
export async function deleteNode(paths: ClusterPaths): Promise<void> {
  await deleteContainerd(containerdOptions(paths));
  await unmountUnder(paths.node);
  await releaseNetnsFolder();
}

/** The folder of named network namespaces is mounted on itself by whoever first needs it; empty, nobody misses it. */
export async function releaseNetnsFolder(): Promise<void> {
  if (!existsSync(netnsDir) || readdirSync(netnsDir).length > 0) return;
  while (isMounted(netnsDir)) {
    if ((await tryCommand('umount', [netnsDir])).code !== 0) return;
  }
  try {
    rmdirSync(netnsDir);
  } catch {
    // Somebody made a namespace meanwhile: the folder is theirs.
  }
}
