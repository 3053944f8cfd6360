/**
 * Bounds how many requests are worked on at once; long-running ones are not counted. Limits are upstream's.
 * Large lists count until they are sent, by their size, whichever user requested them.
 */

import { type StatusError, tooManyRequests } from '#api/meta/status.ts';

const retryAfterSeconds = 1;
const readOnlyMax = 400;
const mutatingMax = 200;

/** Upstream's estimate: a seat for each 100 kB, of which no more than ten are in memory at once. */
const bytesPerSeat = 100_000;
const objectsPerSeat = 100;
const listSeatsEachMax = 10;
/** As many large lists as there may be reads. */
const listSeatsMax = readOnlyMax * listSeatsEachMax;
/** One user alone leaves some to the others. */
const listSeatsOfUserMax = (listSeatsMax * 3) / 4;

export function seatsOf(listBytes: number): number {
  return Math.min(listSeatsEachMax, Math.max(1, Math.ceil(listBytes / bytesPerSeat)));
}

/** Where only their number is known. */
export function seatsOfObjects(count: number): number {
  return Math.min(listSeatsEachMax, Math.ceil(count / objectsPerSeat));
}

export class InFlight {
  readOnly = 0;
  mutating = 0;
  listSeats = 0;
  readonly #seatsOfUser = new Map<string, number>();

  /** Returns how to leave; throws 429 when there is no room. */
  enter(isMutating: boolean): () => void {
    if (isMutating) {
      if (this.mutating >= mutatingMax) throw tooMany();
      this.mutating++;
      return () => {
        this.mutating--;
      };
    }
    if (this.readOnly >= readOnlyMax) throw tooMany();
    this.readOnly++;
    return () => {
      this.readOnly--;
    };
  }

  /** The same for the sending of a large list; leaving twice does no harm. */
  enterList(user: string, seats: number): () => void {
    const ofUser = this.#seatsOfUser.get(user) ?? 0;
    if (this.listSeats + seats > listSeatsMax || ofUser + seats > listSeatsOfUserMax) throw tooMany();
    this.#take(user, seats);
    let held = seats;
    return () => {
      this.#take(user, -held);
      held = 0;
    };
  }

  #take(user: string, seats: number): void {
    this.listSeats += seats;
    const left = (this.#seatsOfUser.get(user) ?? 0) + seats;
    if (left > 0) this.#seatsOfUser.set(user, left);
    else this.#seatsOfUser.delete(user);
  }
}

function tooMany(): StatusError {
  return tooManyRequests('Too many requests, please try again later.', retryAfterSeconds);
}
