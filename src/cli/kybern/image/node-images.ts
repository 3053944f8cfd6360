/** The containerds of a cluster's nodes on this machine, as the commands for images find them, and the names they take. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { errorText } from '#base/text/error-text.ts';
import { fullImageName } from '#base/text/image-name.ts';
import { clusterPaths } from '#host/home/cluster-home.ts';
import { nodePathsOf } from '#host/home/namespace-nodes.ts';
import { configOf } from '../../shared/cluster-option.ts';
import { Problem } from '../../shared/problem.ts';

/** Throws when the cluster has no real node, or one that is stopped. */
export function socketOf(name: string): string {
  const paths = clusterPaths(name);
  const config = configOf(name);
  const socket = join(paths.run, 'containerd.sock');
  if (!config.realNodes) {
    throw new Problem(`cluster ${name} has no real node`, 'only a node with containerd keeps images');
  }
  if (!existsSync(socket)) {
    throw new Problem(`the node of cluster ${name} is not running`, `start it: kybern up --name ${name}`);
  }
  return socket;
}

/** Where a node keeps images. */
export interface NodeImages {
  readonly socket: string;
  /** Folder of the node's data. */
  readonly dir: string;
}

/** Every node on this machine, the first before the others: an image is for all of them. Throws as `socketOf`. */
export function imageNodes(name: string): NodeImages[] {
  const first = { socket: socketOf(name), dir: clusterPaths(name).node };
  const others = (configOf(name).nodes ?? []).map((node) => nodePathsOf(clusterPaths(name), node));
  const there = others.map(({ run, node: dir }) => ({ socket: join(run, 'containerd.sock'), dir }));
  return [first, ...there.filter(({ socket }) => existsSync(socket))];
}

/** The full name of a given one; throws why it is no name. */
export function imageNameOf(ref: string): string {
  try {
    return fullImageName(ref);
  } catch (error) {
    throw new Problem(`"${ref}" is no name of an image: ${errorText(error)}`, 'for example: web:1');
  }
}

/** In the cluster's folder, so that the file of a killed command is removed with the cluster. */
export function scratchFile(name: string, what: string): string {
  return join(clusterPaths(name).dir, `image-${what}-${process.pid}.tar`);
}
