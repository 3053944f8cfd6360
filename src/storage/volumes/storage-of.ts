/** Which node's storage a volume lies on. */

import type { Node, PersistentVolume } from '#api/generated/types.gen.ts';
import type { Informer } from '#client/informers/informer.ts';
import type { NodeStorage } from '../node/node-storage.ts';
import { hostnameOf } from './own-volume.ts';

/** Undefined when the volume's node is not served here. */
export type StorageOf = (volume: PersistentVolume) => NodeStorage | undefined;

/** `storages`: by the names of the nodes that are served here. */
export function storageOf(
  storages: ReadonlyMap<string, NodeStorage>,
  nodes: Pick<Informer<Node>, 'list'>,
): StorageOf {
  return (volume) => {
    const hostname = hostnameOf(volume);
    if (hostname === undefined) return undefined;
    const node = nodes
      .list()
      .find(({ metadata }) => metadata.labels?.['kubernetes.io/hostname'] === hostname);
    return storages.get(node?.metadata.name ?? hostname);
  };
}
