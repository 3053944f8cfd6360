/** What the process of the crash test reports before it is killed. */

import type { KeyValue } from '#store/store.ts';

/** type, revision, key, id of the new value, id of the value before. */
export type Seen = readonly [string, number, string, string | null, string | null];

export type Report =
  | { readonly what: 'ready'; readonly revision: number }
  | {
      readonly what: 'acknowledged';
      readonly revision: number;
      readonly keys: readonly string[];
      readonly id: string;
    }
  | { readonly what: 'events'; readonly seen: readonly Seen[] }
  | { readonly what: 'watchError'; readonly message: string };

/** A value is its id, a bar, and filling. */
export function idOf(kv: KeyValue | undefined): string | null {
  return kv ? new TextDecoder().decode(kv.value).split('|')[0]! : null;
}
