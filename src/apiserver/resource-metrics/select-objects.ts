/** The objects of the cache that a request selects, parsed some at a time: there may be a hundred thousand pods. */

import type { KubeObject } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import { nextTurn } from '#base/clock.ts';
import type { HandlerContext } from '../contract/special-handler.ts';
import type { Selection } from '../storage/read/selection.ts';

/** Then other requests get their turn. */
const objectsAtOnce = 200;

export async function selectObjects<T extends KubeObject>(
  { feed, info, env }: Pick<HandlerContext, 'feed' | 'info' | 'env'>,
  type: ResourceType<T>,
  selection: Pick<Selection, 'matches'>,
): Promise<T[]> {
  const isInScope = (namespace: string) =>
    !type.namespaced || info.namespace === '' || namespace === info.namespace;
  const entries = feed.entries(type).filter(({ namespace }) => isInScope(namespace));
  const selected: T[] = [];
  for (let from = 0; from < entries.length; from += objectsAtOnce) {
    if (from > 0) await nextTurn(env.clock);
    for (const entry of entries.slice(from, from + objectsAtOnce)) {
      const object = entry.object() as KubeObject as T;
      if (selection.matches(candidateOf(object))) selected.push(object);
    }
  }
  return selected;
}

function candidateOf({ metadata }: KubeObject) {
  const { name = '', namespace = '', labels = {} } = metadata ?? {};
  const fields: Readonly<Record<string, string>> = { 'metadata.name': name, 'metadata.namespace': namespace };
  return { namespace, labels, field: (field: string) => fields[field] ?? '' };
}
