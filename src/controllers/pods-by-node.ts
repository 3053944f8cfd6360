/** The pods of a node, by an index that all who ask share. */

import { pods } from '#api/kinds.gen.ts';
import type { Stored } from '#api/object.ts';
import type { Pod } from '#api/types.gen.ts';
import type { Informers } from '#client/informer.ts';

const indexName = 'spec.nodeName';

export function podsByNode(informers: Informers): (node: string) => Stored<Pod>[] {
  const informer = informers.for(pods);
  informer.addIndex(indexName, (pod) => (pod.spec?.nodeName ? [pod.spec.nodeName] : []));
  return (node) => informer.byIndex(indexName, node);
}
