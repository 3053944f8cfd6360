/** Events live an hour after they were last written: an `expiry` sweep instead of store leases. */

import type { AnyObject } from '#api/object.ts';
import type { Timer } from '#base/clock.ts';
import type { Entry } from './cache/entry.ts';
import type { Core } from './exchange.ts';
import { removeObject } from './objects/commit-object.ts';

const lifetimeMs = 3_600_000;
const sweepEveryMs = 60_000;
/** So that a flood of events does not become one flood of deletions. */
const sweepMax = 2000;

export function startEventExpiry(core: Core): () => void {
  const storage = core.resources.find('', 'v1', 'events')?.storage;
  let timer: Timer;
  let stopped = false;
  const schedule = () => {
    timer = core.env.clock.after(sweepEveryMs, () => void sweep());
  };
  async function sweep(): Promise<void> {
    const oldest = core.env.clock.now() - lifetimeMs;
    const old = storage!.cache.index.list().filter((entry) => writtenMs(entry) < oldest);
    for (const { namespace, name, revision } of old.slice(0, sweepMax)) {
      if (stopped) return;
      await removeObject(core, storage!, { namespace, name, expected: revision }).catch((error: Error) => {
        core.env.log.warn('an old event could not be removed', { error: error.message });
      });
    }
    if (!stopped) schedule();
  }
  if (storage) schedule();
  return () => {
    stopped = true;
    timer?.cancel();
  };
}

const written = new WeakMap<Entry, number>();

/** The newest time the event carries: its last write, near enough. */
function writtenMs(entry: Entry): number {
  const known = written.get(entry);
  if (known !== undefined) return known;
  const event = entry.object() as AnyObject & {
    lastTimestamp?: string;
    eventTime?: string;
    series?: { lastObservedTime?: string };
  };
  const times = [
    event.metadata?.creationTimestamp,
    event.lastTimestamp,
    event.eventTime,
    event.series?.lastObservedTime,
  ];
  const ms = Math.max(...times.map((time) => (time ? Date.parse(time) : 0)));
  written.set(entry, ms);
  return ms;
}
