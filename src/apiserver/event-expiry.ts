/**
 * Events live an hour after they were last written: an `expiry` sweep instead of store leases. How old an event is, is
 * asked of the wall clock once, when a sweep first sees it: one that jumps takes no events away.
 */

import type { AnyObject } from '#api/object.ts';
import type { Clock, Timer } from '#base/clock.ts';
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
    const nowMs = core.env.clock.monotonicMs();
    const old = storage!.cache.index.list().filter((entry) => diesAtMs(entry, core.env.clock) < nowMs);
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

const deaths = new WeakMap<Entry, number>();

/** On the monotonic clock. An event from the future (the wall clock was set back) counts as new. */
function diesAtMs(entry: Entry, clock: Clock): number {
  const known = deaths.get(entry);
  if (known !== undefined) return known;
  const ageMs = Math.max(0, clock.now() - writtenMs(entry));
  const diesMs = clock.monotonicMs() + lifetimeMs - ageMs;
  deaths.set(entry, diesMs);
  return diesMs;
}

/** The newest time the event carries: its last write, near enough. */
function writtenMs(entry: Entry): number {
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
  return Math.max(...times.map((time) => (time ? Date.parse(time) : 0)));
}
