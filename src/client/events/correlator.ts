/**
 * Decides what becomes of an event: written as new, counted on the previous one, folded into "(combined from
 * similar events)", or dropped as spam. Upstream's `record.EventCorrelator`: more than 10 different messages
 * of one reason within 10 minutes are combined; one source may send 25 events about one object, then one
 * every 5 minutes.
 */

import type { Clock } from '#base/clock.ts';
import { RecentMap } from '#base/collections/recent-map.ts';
import { TokenBucket } from '../queue/token-bucket.ts';

const similarMax = 10;
const similarWindowMs = 10 * 60_000;
const spamBurst = 25;
const spamPerSecond = 1 / 300;
const memoryMax = 4096;

export interface EventFacts {
  readonly component: string;
  /** Kind, namespace, name, uid, apiVersion and field path of the involved object, joined. */
  readonly about: string;
  readonly eventType: string;
  readonly reason: string;
  readonly message: string;
}

/** The event last written under one key. */
export interface WrittenEvent {
  readonly name: string;
  readonly count: number;
  readonly firstTimestamp: string;
}

export interface Verdict {
  readonly key: string;
  readonly message: string;
  /** The event whose count is increased. */
  readonly previous: WrittenEvent | undefined;
}

export class EventCorrelator {
  readonly #clock: Clock;
  readonly #buckets = new RecentMap<string, TokenBucket>(memoryMax);
  readonly #similar = new RecentMap<string, { messages: Set<string>; lastAtMs: number }>(memoryMax);
  readonly #written = new RecentMap<string, WrittenEvent>(memoryMax);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Undefined: drop it. */
  judge(event: EventFacts): Verdict | undefined {
    const source = JSON.stringify([event.component, event.about]);
    const bucket = this.#buckets.getOr(source, () => new TokenBucket(this.#clock, spamPerSecond, spamBurst));
    const group = JSON.stringify([source, event.eventType, event.reason]);
    const combined = this.#isCombined(group, event.message);
    const key = combined ? group : JSON.stringify([group, event.message]);
    const message = combined ? `(combined from similar events): ${event.message}` : event.message;
    if (!bucket.tryTake()) return undefined;
    return { key, message, previous: this.#written.get(key) };
  }

  remember(key: string, event: WrittenEvent): void {
    this.#written.set(key, event);
  }

  forget(key: string): void {
    this.#written.delete(key);
  }

  #isCombined(group: string, message: string): boolean {
    const nowMs = this.#clock.monotonicMs();
    let record = this.#similar.get(group);
    if (!record || nowMs - record.lastAtMs > similarWindowMs) {
      record = { messages: new Set(), lastAtMs: nowMs };
    }
    record.lastAtMs = nowMs;
    record.messages.add(message);
    this.#similar.set(group, record);
    if (record.messages.size < similarMax) return false;
    // At the limit: the oldest is dropped, so that the next new message still finds the limit reached and the
    // map stays bounded.
    for (const oldest of record.messages) {
      record.messages.delete(oldest);
      break;
    }
    return true;
  }
}
