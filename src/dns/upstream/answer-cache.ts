/**
 * Answers of other servers, kept as long as CoreDNS's `cache` keeps them: their own shortest TTL, within bounds of 5 and
 * 30 seconds by default; failures for 5. All records of a kept answer have one TTL. Bounded in bytes.
 */

import type { Clock } from '#base/clock.ts';
import { type AnswerKind, kindOf, setTtl, shortestTtl, type UpstreamAnswer } from '../message/answer.ts';
import { flags } from '../message/codes.ts';
import type { Query } from '../message/query.ts';

export interface CacheOptions {
  /** In seconds, at most. 0: not kept. */
  readonly successTtl: number;
  readonly denialTtl: number;
}

interface Kept {
  readonly answer: UpstreamAnswer;
  readonly kind: AnswerKind;
  /** Monotonic milliseconds. */
  readonly until: number;
}

const ttlMin = 5;
const bytesMax = 8 * 1024 * 1024;
/** Of an answer, besides its message. */
const overheadBytes = 600;
const messageBytesMax = 8192;

export class AnswerCache {
  readonly #clock: Clock;
  readonly #options: CacheOptions;
  /** In the order of their arrival. */
  readonly #kept = new Map<string, Kept>();
  #bytes = 0;

  constructor(clock: Clock, options: CacheOptions) {
    this.#clock = clock;
    this.#options = options;
  }

  get size(): { success: number; denial: number } {
    let success = 0;
    for (const { kind } of this.#kept.values()) if (kind === 'success') success++;
    return { success, denial: this.#kept.size - success };
  }

  /** The kept answer, its records with the rest of their life. */
  get(query: Query): { answer: UpstreamAnswer; kind: 'success' | 'denial' } | undefined {
    const key = keyOf(query);
    const kept = this.#kept.get(key);
    if (!kept) return undefined;
    const leftMs = kept.until - this.#clock.monotonicMs();
    if (leftMs <= 0) {
      this.#drop(key, kept);
      return undefined;
    }
    setTtl(kept.answer, Math.ceil(leftMs / 1000));
    return { answer: kept.answer, kind: kept.kind === 'success' ? 'success' : 'denial' };
  }

  /** Keeps `answer` if it may be kept, and gives its records the TTL that it is kept for. */
  add(query: Query, answer: UpstreamAnswer): void {
    const kind = kindOf(answer);
    const ttl = this.#ttl(kind, answer);
    if (ttl <= 0) return;
    setTtl(answer, ttl);
    if (answer.bytes.length > messageBytesMax) return;
    const key = keyOf(query);
    const before = this.#kept.get(key);
    if (before) this.#drop(key, before);
    this.#kept.set(key, { answer, kind, until: this.#clock.monotonicMs() + ttl * 1000 });
    this.#bytes += costOf(answer);
    this.#shrink();
  }

  #ttl(kind: AnswerKind, answer: UpstreamAnswer): number {
    const { successTtl, denialTtl } = this.#options;
    if (kind === 'other') return 0;
    if (kind === 'failure') return denialTtl > 0 ? ttlMin : 0;
    const most = kind === 'success' ? successTtl : denialTtl;
    return Math.min(Math.max(shortestTtl(answer), ttlMin), most);
  }

  #shrink(): void {
    for (const [key, kept] of this.#kept) {
      if (this.#bytes <= bytesMax) return;
      this.#drop(key, kept);
    }
  }

  #drop(key: string, { answer }: Kept): void {
    this.#kept.delete(key);
    this.#bytes -= costOf(answer);
  }
}

function costOf({ bytes, records }: UpstreamAnswer): number {
  return bytes.length + overheadBytes + records.length * 64;
}

/** As CoreDNS: name, type, and whether the client wants signatures and does without their check. */
function keyOf({ key, type, edns, flags: asked }: Query): string {
  const kind = (edns?.dnssecOk ? 1 : 0) + (asked & flags.checkingDisabled ? 2 : 0);
  return `${key}${String.fromCharCode(type, kind)}`;
}
