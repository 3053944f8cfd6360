/**
 * Bounds the memory of large lists: they count until they are sent, by their size, whichever user requested them. So
 * do those of users whom priority and fairness does not limit.
 */

import { type StatusError, tooManyRequests } from '#api/meta/status.ts';

const retryAfterSeconds = 1;
const listsMax = 400;

/** Upstream's estimate: a seat for each 100 kB, of which no more than ten are in memory at once. */
const bytesPerSeat = 100_000;
const objectsPerSeat = 100;
const listSeatsEachMax = 10;
const listSeatsMax = listsMax * listSeatsEachMax;
/** One user alone leaves some to the others. */
const listSeatsOfUserMax = (listSeatsMax * 3) / 4;

export function seatsOf(listBytes: number): number {
  return Math.min(listSeatsEachMax, Math.max(1, Math.ceil(listBytes / bytesPerSeat)));
}

/** Where only their number is known. */
export function seatsOfObjects(count: number): number {
  return Math.min(listSeatsEachMax, Math.ceil(count / objectsPerSeat));
}

export class ListSeats {
  taken = 0;
  readonly #seatsOfUser = new Map<string, number>();

  /** Returns how to leave, and leaving twice does no harm; throws 429 when there is no room. */
  enter(user: string, seats: number): () => void {
    const ofUser = this.#seatsOfUser.get(user) ?? 0;
    if (this.taken + seats > listSeatsMax || ofUser + seats > listSeatsOfUserMax) throw tooMany();
    this.#take(user, seats);
    let held = seats;
    return () => {
      this.#take(user, -held);
      held = 0;
    };
  }

  #take(user: string, seats: number): void {
    this.taken += seats;
    const left = (this.#seatsOfUser.get(user) ?? 0) + seats;
    if (left > 0) this.#seatsOfUser.set(user, left);
    else this.#seatsOfUser.delete(user);
  }
}

function tooMany(): StatusError {
  return tooManyRequests('Too many requests, please try again later.', retryAfterSeconds);
}
