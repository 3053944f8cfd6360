/**
 * Bounds the memory of large lists of all users, by their size, from the request until they are sent: also lists of
 * users whom priority and fairness does not limit.
 */

import { type StatusError, tooManyRequests } from '#api/meta/status.ts';

const retryAfterSeconds = 1;
const listsMax = 400;

/** Upstream's estimate: a seat for each 100 kB, at most ten for a list. */
const bytesPerSeat = 100_000;
const objectsPerSeat = 100;
const listSeatsEachMax = 10;
const listSeatsMax = listsMax * listSeatsEachMax;
/** A single user leaves a quarter to the others. */
const listSeatsOfUserMax = (listSeatsMax * 3) / 4;

export function seatsOf(listBytes: number): number {
  return Math.min(listSeatsEachMax, Math.max(1, Math.ceil(listBytes / bytesPerSeat)));
}

/** For lists of which only the number of objects is known. */
export function seatsOfObjects(count: number): number {
  return Math.min(listSeatsEachMax, Math.ceil(count / objectsPerSeat));
}

export class ListSeats {
  taken = 0;
  readonly #seatsOfUser = new Map<string, number>();

  /** The returned function gives the seats back, once however often it is called. Throws 429 when there are too few. */
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
