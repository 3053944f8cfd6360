/**
 * Bounds how many writes are in flight at once. Keys with writes that wait take turns, so that a set of thousands
 * does not put off a single object; and a write in flight for a second gives its seat up, for it waits for a webhook
 * or a full disk, and writes of other keys may not have to.
 */

import type { Clock, Timer } from '#base/clock.ts';

const seatsMax = 64;
const slowMs = 1_000;
/** With those that have given up their seats. */
const inFlightMax = 2_000;

export interface Seat {
  readonly sinceMs: number;
}

export class WriteSeats {
  readonly #clock: Clock;
  /** The oldest first. */
  readonly #taken = new Set<Seat>();
  readonly #waiting = new Map<string, ((seat: Seat) => void)[]>();
  #slow = 0;
  #timer: Timer | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  tryTake(): Seat | undefined {
    if (this.#taken.size >= seatsMax || this.#taken.size + this.#slow >= inFlightMax) return undefined;
    const seat = { sinceMs: this.#clock.monotonicMs() };
    this.#taken.add(seat);
    return seat;
  }

  /** Resolves when it is the turn of this key. */
  take(key: string): Promise<Seat> {
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(key);
      if (waiting) waiting.push(resolve);
      else this.#waiting.set(key, [resolve]);
      this.#awaitSlow();
    });
  }

  leave(seat: Seat): void {
    if (!this.#taken.delete(seat)) this.#slow--;
    this.#giveOut();
  }

  #giveOut(): void {
    for (const [key, waiting] of this.#waiting) {
      const seat = this.tryTake();
      if (!seat) break;
      this.#waiting.delete(key);
      waiting.shift()!(seat);
      if (waiting.length > 0) this.#waiting.set(key, waiting);
    }
    if (this.#waiting.size > 0) {
      this.#awaitSlow();
      return;
    }
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #awaitSlow(): void {
    if (this.#timer) return;
    const [oldest] = this.#taken;
    if (!oldest) return;
    this.#timer = this.#clock.after(oldest.sinceMs + slowMs - this.#clock.monotonicMs(), () => {
      this.#timer = undefined;
      this.#excuseSlow();
      this.#giveOut();
    });
  }

  #excuseSlow(): void {
    const untilMs = this.#clock.monotonicMs() - slowMs;
    for (const seat of this.#taken) {
      if (seat.sinceMs > untilMs) return;
      this.#taken.delete(seat);
      this.#slow++;
    }
  }
}
