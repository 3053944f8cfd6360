/** Reads a range of the store as of one revision, in pages, giving way to other work between its items. */

import type { Clock } from '#base/clock.ts';
import { Turns } from '#base/turns.ts';
import type { KeyRange, KeyValue, Store } from '#store/store.ts';

const pageSize = 5000;

/** Returns the revision. */
export async function readRange(
  store: Store,
  clock: Clock,
  { start, end }: KeyRange,
  take: (item: KeyValue) => void,
): Promise<number> {
  let from = start;
  let revision: number | undefined;
  const turns = new Turns(clock);
  for (;;) {
    const at = revision === undefined ? {} : { revision };
    const page = await store.range({ start: from, end }, { limit: pageSize, ...at });
    revision ??= page.revision;
    for (const item of page.items) {
      // Reading a large cluster takes seconds, and the server answers requests meanwhile.
      if (turns.isSpent) await turns.next();
      take(item);
    }
    const last = page.items.at(-1);
    if (!page.more || !last) return revision;
    from = `${last.key}\0`;
  }
}
