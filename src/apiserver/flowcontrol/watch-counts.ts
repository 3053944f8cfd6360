/** Counts the watches that may get the event of a write: of all objects, of its namespace, and of the object itself. */

import { ownValue } from '#base/own-value.ts';
import type { RequestInfo } from '../contract/request-info.ts';

/** Watches that select one value of these fields are not counted: they are found by an index, as upstream. */
const indexedFields: Readonly<Record<string, string>> = { pods: 'spec.nodeName' };

const readOnlyVerbs = new Set(['get', 'list', 'watch', 'proxy']);

export class WatchCounts {
  readonly #counts = new Map<string, number>();

  /** The returned function removes the watch. */
  register(info: RequestInfo): () => void {
    const field = ownValue(indexedFields, info.resource);
    if (field !== undefined && selectedValue(info, field) !== '') return () => {};
    const key = keyOf(info, info.namespace, info.name);
    this.#add(key, 1);
    return () => this.#add(key, -1);
  }

  interestedIn(info: RequestInfo): number {
    if (this.#counts.size === 0 || readOnlyVerbs.has(info.verb)) return 0;
    let count = this.#counts.get(keyOf(info, '', '')) ?? 0;
    if (info.namespace !== '') count += this.#counts.get(keyOf(info, info.namespace, '')) ?? 0;
    if (info.name !== '') count += this.#counts.get(keyOf(info, info.namespace, info.name)) ?? 0;
    return count;
  }

  #add(key: string, change: 1 | -1): void {
    const count = (this.#counts.get(key) ?? 0) + change;
    if (count > 0) this.#counts.set(key, count);
    else this.#counts.delete(key);
  }
}

function keyOf({ group, resource }: RequestInfo, namespace: string, name: string): string {
  return `${group}/${resource}/${namespace}/${name}`;
}

/** The selected value of `field`; empty if it is not selected by. */
function selectedValue({ selectors }: RequestInfo, field: string): string {
  const wanted = selectors.fieldText.split(',').find((part) => part.startsWith(`${field}=`));
  return wanted?.slice(field.length).replace(/^==?/, '') ?? '';
}
