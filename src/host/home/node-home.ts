/** Where a real node keeps its files on this machine, and how to remove them. */

import { join } from 'node:path';
import { type ContainerdOptions, deleteContainerd } from '../containerd/containerd.ts';
import { deleteHaproxy, type HaproxyPlaces } from '../haproxy/haproxy.ts';
import { unmountUnder } from '../kernel/mounts.ts';

/** The folders of one node; those of a cluster's first node are part of `ClusterPaths`. */
export interface NodePaths {
  /** Kubelet, containerd and CNI data. */
  readonly node: string;
  /** Sockets and containerd's state; short, since the path of a socket is limited to 107 bytes. */
  readonly run: string;
}

/** Debian's folder of CNI plugins. */
const cniBinDir = '/usr/lib/cni';

export function cniConfDir(paths: NodePaths): string {
  return join(paths.node, 'cni', 'net.d');
}

export function cniLeaseDir(paths: NodePaths): string {
  return join(paths.node, 'cni', 'leases');
}

export function kubeletDir(paths: NodePaths): string {
  return join(paths.node, 'kubelet');
}

/** Volumes of claims, unless `up --storage-path` has chosen another place. */
export function nodeStorageDir(paths: NodePaths): string {
  return join(paths.node, 'storage');
}

/** The proxy of Ingresses and Gateways, which runs beside the first node. */
export function haproxyPlaces(paths: NodePaths): HaproxyPlaces {
  return { dataDir: join(paths.node, 'ingress'), runDir: paths.run };
}

/** First part of the path of every cgroup of this node. */
export function cgroupRoot(paths: NodePaths): string {
  return `kybern-${paths.run.split('/').at(-1)}`;
}

export function containerdOptions(paths: NodePaths): ContainerdOptions {
  return {
    dataDir: paths.node,
    runDir: paths.run,
    podCni: { binDir: cniBinDir, confDir: cniConfDir(paths) },
    cgroupRoot: cgroupRoot(paths),
  };
}

/**
 * Removes the proxy, containers, their networks, volumes and mounts. The caller removes the files of the node; what
 * lies in `storageDir`, which the user has chosen, stays.
 */
export async function deleteNode(paths: NodePaths, storageDir: string | undefined): Promise<void> {
  await deleteHaproxy(haproxyPlaces(paths));
  await deleteContainerd(containerdOptions(paths));
  await unmountUnder(paths.node);
  if (storageDir !== undefined) await unmountUnder(storageDir);
}
