/**
 * Values that come and go, in the order in which they came: for what every request is in for a moment.
 *
 * A Set would keep them all until the next full garbage collection: V8 replaces its table again and again, each old
 * table refers to the next one, and once an old table is in the old generation all later tables count as alive, with
 * the requests that they held. That was a third of the thread's time under load.
 */

/** Where a value is in its list. */
export class Place<T> {
  readonly value: T;
  before: Place<T> | undefined;
  after: Place<T> | undefined;
  isIn = true;

  constructor(value: T, before: Place<T> | undefined) {
    this.value = value;
    this.before = before;
  }
}

export class LinkedList<T> implements Iterable<T> {
  #first: Place<T> | undefined;
  #last: Place<T> | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get first(): T | undefined {
    return this.#first?.value;
  }

  add(value: T): Place<T> {
    const place = new Place(value, this.#last);
    if (this.#last) this.#last.after = place;
    else this.#first = place;
    this.#last = place;
    this.#size++;
    return place;
  }

  /** `place` is one of this list. False: it has been removed before. */
  remove(place: Place<T>): boolean {
    if (!place.isIn) return false;
    const { before, after } = place;
    if (before) before.after = after;
    else this.#first = after;
    if (after) after.before = before;
    else this.#last = before;
    place.isIn = false;
    // What has left refers to nothing that is still here.
    place.before = undefined;
    place.after = undefined;
    this.#size--;
    return true;
  }

  /** The value that was just given may be removed meanwhile. */
  *[Symbol.iterator](): Generator<T, void> {
    for (let place = this.#first; place; ) {
      const next: Place<T> | undefined = place.after;
      yield place.value;
      place = place.isIn ? place.after : next;
    }
  }
}
