/** The pods of a node, by a shared index. */

import { pods } from '#api/generated/kinds.gen.ts';
import type { Pod } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import type { Informers } from '#client/informers/informer.ts';

const indexName = 'spec.nodeName';

export function podsByNode(informers: Informers): (node: string) => Stored<Pod>[] {
  const informer = informers.for(pods);
  informer.addIndex(indexName, (pod) => (pod.spec?.nodeName ? [pod.spec.nodeName] : []));
  return (node) => informer.byIndex(indexName, node);
}
