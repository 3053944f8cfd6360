/**
 * Events expire an hour after their last write, or after `event-ttl`: a sweep deletes them, as the store has no
 * leases. The age of events of an earlier process is read from the wall clock once, at the start: a wall clock that
 * jumps later deletes no events.
 */

import { events } from '#api/generated/kinds.gen.ts';
import type { AnyObject } from '#api/meta/object.ts';
import type { Clock } from '#base/clock.ts';
import { Repeater } from '#base/repeater.ts';
import type { Entry } from '../cache/entry.ts';
import type { StorageParts } from '../registry/storage-parts.ts';
import { removeObject } from './write/commit-object.ts';

const hourMs = 3_600_000;
const sweepEveryMs = 60_000;
/** So that a flood of events does not become one flood of deletions. */
const sweepMax = 2000;

/** `keptMs`: `event-ttl`. */
export function startEventExpiry(parts: StorageParts, keptMs = hourMs): () => void {
  const storage = parts.resources.of(events).storage;
  const expiryTimes = new ExpiryTimes(parts.env.clock, parts.cache.revision, keptMs);
  const sweeps = new Repeater(parts.env.clock, sweepEveryMs, sweep);
  async function sweep(): Promise<void> {
    const nowMs = parts.env.clock.monotonicMs();
    const old = storage!.cache.index.list().filter((entry) => expiryTimes.ofEntry(entry) < nowMs);
    try {
      for (const { namespace, name, revision } of old.slice(0, sweepMax)) {
        if (sweeps.isStopped) return;
        await removeObject(parts, storage!, { namespace, name, expected: revision });
      }
    } catch (error) {
      parts.env.log.warn('old events could not be removed, trying again', { error: String(error) });
    }
  }
  if (storage) sweeps.start();
  return () => sweeps.stop();
}

/** When events expire, on the monotonic clock. */
class ExpiryTimes {
  readonly #clock: Clock;
  readonly #startRevision: number;
  readonly #keptMs: number;
  /** The wall clock's time when the monotonic clock was at 0. */
  readonly #wallZeroMs: number;
  readonly #known = new WeakMap<Entry, number>();

  constructor(clock: Clock, startRevision: number, keptMs: number) {
    this.#clock = clock;
    this.#keptMs = keptMs;
    this.#startRevision = startRevision;
    this.#wallZeroMs = clock.now() - clock.monotonicMs();
  }

  ofEntry(entry: Entry): number {
    const known = this.#known.get(entry);
    if (known !== undefined) return known;
    const expiresMs = this.#lastWriteMs(entry) + this.#keptMs;
    this.#known.set(entry, expiresMs);
    return expiresMs;
  }

  /** An event that this process has seen written was written since the last sweep. */
  #lastWriteMs(entry: Entry): number {
    const nowMs = this.#clock.monotonicMs();
    if (entry.revision > this.#startRevision) return nowMs;
    return Math.min(nowMs, writtenMs(entry) - this.#wallZeroMs);
  }
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
