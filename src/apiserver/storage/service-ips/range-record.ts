/**
 * Which numbers of a range are given out, kept as one record in the store: upstream's RangeAllocation. The
 * record changes by compare-and-set only, so that any number of API servers on one store give each number
 * once.
 *
 * 1. An edit takes and releases numbers of a draft; one that throws leaves no trace.
 * 2. Edits that arrive while a write is under way wait, and go together into the next one.
 * 3. When another server was faster, all edits of the write are made again on what is stored now.
 */

import { internalError } from '#api/meta/status.ts';
import type { Random } from '#base/random.ts';
import type { KeyValue, Store } from '#store/store.ts';
import { storeFailure } from '../store-failure.ts';
import { NumberRange, type RangeBounds } from './number-range.ts';

/** Each failed try means that another server has written. */
const triesMax = 100;

export interface RangeRecordOptions {
  readonly store: Store;
  /** `/registry/ranges/servicenodeports`. */
  readonly key: string;
  /** As upstream's errors name it: `servicenodeportallocations`. */
  readonly resource: string;
  readonly bounds: RangeBounds;
  readonly random: Random;
}

/** The record as it was read; `modRevision` 0 when there is none. */
export interface StoredNumbers {
  readonly taken: ReadonlySet<number>;
  readonly modRevision: number;
}

interface Waiting {
  attempt(numbers: NumberRange): void;
  settle(): void;
  fail(error: unknown): void;
}

export class RangeRecord {
  readonly #options: RangeRecordOptions;
  #waiting: Waiting[] = [];
  #isWriting = false;
  #lastTaken = 0;

  constructor(options: RangeRecordOptions) {
    this.#options = options;
  }

  get bounds(): RangeBounds {
    return this.#options.bounds;
  }

  /** How many numbers were taken when this server last read or wrote the record. */
  get lastTaken(): number {
    return this.#lastTaken;
  }

  get text(): string {
    const { first, last } = this.#options.bounds;
    return `${first}-${last}`;
  }

  /** Resolves with what `change` returned when its numbers are stored; rejects with what it threw. */
  edit<T>(change: (numbers: NumberRange) => T): Promise<T> {
    return new Promise((resolve, reject) => {
      let outcome: { value: T } | { error: unknown };
      this.#waiting.push({
        attempt: (numbers) => {
          outcome = this.#attempt(numbers, change);
        },
        settle: () => ('value' in outcome ? resolve(outcome.value) : reject(outcome.error)),
        fail: reject,
      });
      if (!this.#isWriting) void this.#writeAll();
    });
  }

  async read(): Promise<StoredNumbers> {
    const stored = await this.#options.store.get(this.#options.key);
    return { taken: this.#takenOf(stored), modRevision: stored?.modRevision ?? 0 };
  }

  /** False when the record is no longer what was read. */
  async replace(taken: ReadonlySet<number>, expected: StoredNumbers): Promise<boolean> {
    const result = await this.#put(taken, expected.modRevision, taken.size < expected.taken.size);
    return result.succeeded;
  }

  async #writeAll(): Promise<void> {
    this.#isWriting = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0);
      try {
        await this.#write(batch);
        for (const edit of batch) edit.settle();
      } catch (error) {
        const failure = storeFailure(error);
        for (const edit of batch) edit.fail(failure);
      }
    }
    this.#isWriting = false;
  }

  async #write(batch: readonly Waiting[]): Promise<void> {
    const { store, key, resource } = this.#options;
    let stored = await store.get(key);
    for (let tries = 1; tries <= triesMax; tries++) {
      // Without the record it is not known what is given out: the repair makes it from the services.
      if (!stored) throw internalError(`cannot allocate resources of type ${resource} at this time`);
      const before = this.#takenOf(stored);
      const numbers = this.#numbers(new Set(before));
      for (const edit of batch) edit.attempt(numbers);
      if (isSame(before, numbers.taken)) return;
      const result = await this.#put(numbers.taken, stored.modRevision, numbers.taken.size < before.size);
      if (result.succeeded) return;
      stored = result.current[0];
    }
    throw internalError(`cannot allocate resources of type ${resource}: too many others do at the same time`);
  }

  #attempt<T>(numbers: NumberRange, change: (numbers: NumberRange) => T): { value: T } | { error: unknown } {
    const before = [...numbers.taken];
    try {
      return { value: change(numbers) };
    } catch (error) {
      numbers.taken.clear();
      for (const number of before) numbers.taken.add(number);
      return { error };
    }
  }

  #numbers(taken: Set<number>): NumberRange {
    return new NumberRange(this.#options.bounds, taken, this.#options.random);
  }

  #put(taken: ReadonlySet<number>, modRevision: number, forDeletion: boolean) {
    const { store, key, bounds } = this.#options;
    const record = {
      kind: 'RangeAllocation',
      apiVersion: 'v1',
      metadata: {},
      range: this.text,
      data: bitmapOf(taken, bounds.first).toString('base64'),
    };
    const value = Buffer.from(JSON.stringify(record));
    this.#lastTaken = taken.size;
    return store.commit({
      compare: [{ key, modRevision }],
      ops: [{ type: 'put', key, value }],
      forDeletion,
    });
  }

  /** What lies outside the range, as after its change, is left out. */
  #takenOf(stored: KeyValue | undefined): ReadonlySet<number> {
    if (!stored) return new Set();
    const { range, data } = JSON.parse(Buffer.from(stored.value).toString()) as {
      range: string;
      data: string;
    };
    const first = Number(range.split('-')[0]);
    const all = numbersOf(Buffer.from(data, 'base64'), first);
    const { first: from, last: to } = this.#options.bounds;
    const taken = new Set(all.filter((number) => number >= from && number <= to));
    this.#lastTaken = taken.size;
    return taken;
  }
}

function isSame(a: ReadonlySet<number>, b: ReadonlySet<number>): boolean {
  return a.size === b.size && a.isSubsetOf(b);
}

/** Bit n, counted from the end, stands for the number `first + n`: the bytes of upstream's big integer. */
function bitmapOf(taken: ReadonlySet<number>, first: number): Buffer {
  const highest = Math.max(-1, ...[...taken].map((number) => number - first));
  const bytes = Buffer.alloc(Math.ceil((highest + 1) / 8));
  for (const number of taken) {
    const bit = number - first;
    bytes[bytes.length - 1 - (bit >> 3)]! |= 1 << (bit & 7);
  }
  return bytes;
}

function numbersOf(bytes: Buffer, first: number): number[] {
  const numbers: number[] = [];
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    if (bytes[bytes.length - 1 - (bit >> 3)]! & (1 << (bit & 7))) numbers.push(first + bit);
  }
  return numbers;
}
