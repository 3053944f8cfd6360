/** The pods of a real node: those that the API has, and those of manifests where there is a path or an address for them. */

import type { StaticPodSettings } from '#api/configuration/kubelet/static-pods.ts';
import { nodes } from '#api/generated/kinds.gen.ts';
import type { Node } from '#api/generated/types.gen.ts';
import type { OwnerReference, Stored } from '#api/meta/object.ts';
import type { Env } from '#base/env.ts';
import type { Client } from '#client/client.ts';
import type { Informers } from '#client/informers/informer.ts';
import { ownPods, type PodSource } from '../pod-source.ts';
import { ManifestAddress } from './manifest-address.ts';
import { ManifestFolder } from './manifest-folder.ts';
import { ManifestReader } from './manifest-reader.ts';
import { ManifestSources } from './manifest-sources.ts';
import { StaticPods } from './static-pods.ts';

export interface StaticPodsOptions {
  readonly env: Env;
  /** Acts as the node. */
  readonly client: Client;
  readonly informers: Informers;
  readonly nodeName: string;
  readonly settings: StaticPodSettings;
}

export function withStaticPods(options: StaticPodsOptions): PodSource {
  const { env, client, informers, nodeName, settings } = options;
  const { path, address, intervalMs } = settings;
  const source = ownPods(informers, nodeName);
  if (path === undefined && !address) return source;
  const reader = new ManifestReader();
  const sources = new ManifestSources({
    env,
    folder: path === undefined ? undefined : { path, files: new ManifestFolder(env, reader, path, nodeName) },
    address: address && {
      asked: new ManifestAddress({ ...address, env, reader, nodeName }),
      intervalMs: address.intervalMs,
    },
  });
  const node = informers.for(nodes, { fieldSelector: `metadata.name=${nodeName}` });
  return new StaticPods({
    env,
    client,
    source,
    intervalMs,
    manifests: () => sources.read(),
    watch(onChange) {
      const unwatch = sources.watch(onChange);
      return () => {
        unwatch();
        reader.stop();
      };
    },
    nodeOwner: () => ownerOf(node.get(undefined, nodeName)),
  });
}

/** Undefined for a node that is being deleted: mirror pods end with it. */
function ownerOf(node: Stored<Node> | undefined): OwnerReference | undefined {
  if (!node || node.metadata.deletionTimestamp) return undefined;
  const { name, uid } = node.metadata;
  return { apiVersion: 'v1', kind: 'Node', name, uid, controller: true };
}
