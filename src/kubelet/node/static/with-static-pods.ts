/** The pods of a real node: those that the API has, and those of manifests where there is a path for them. */

import { nodes } from '#api/generated/kinds.gen.ts';
import type { Node } from '#api/generated/types.gen.ts';
import type { OwnerReference, Stored } from '#api/meta/object.ts';
import type { Env } from '#base/env.ts';
import type { Client } from '#client/client.ts';
import type { Informers } from '#client/informers/informer.ts';
import { watchFolder } from '#host/files/socket-files.ts';
import { ownPods, type PodSource } from '../pod-source.ts';
import { ManifestFolder } from './manifest-folder.ts';
import { StaticPods } from './static-pods.ts';

export interface StaticPodsOptions {
  readonly env: Env;
  /** Acts as the node. */
  readonly client: Client;
  readonly informers: Informers;
  readonly nodeName: string;
  /** A folder of manifests or one manifest; undefined for no static pods. */
  readonly path: string | undefined;
  readonly intervalMs: number;
}

export function withStaticPods(options: StaticPodsOptions): PodSource {
  const { env, client, informers, nodeName, path, intervalMs } = options;
  const source = ownPods(informers, nodeName);
  if (path === undefined) return source;
  const folder = new ManifestFolder(env, path, nodeName);
  const node = informers.for(nodes, { fieldSelector: `metadata.name=${nodeName}` });
  return new StaticPods({
    env,
    client,
    source,
    intervalMs,
    manifests: () => folder.read(),
    watch: (onChange) => watchFolder(path, onChange),
    nodeOwner: () => ownerOf(node.get(undefined, nodeName)),
  });
}

/** Undefined for a node that is being deleted: mirror pods end with it. */
function ownerOf(node: Stored<Node> | undefined): OwnerReference | undefined {
  if (!node || node.metadata.deletionTimestamp) return undefined;
  const { name, uid } = node.metadata;
  return { apiVersion: 'v1', kind: 'Node', name, uid, controller: true };
}
