/** A search that can be long: it stops often, to be continued or dropped. */

export type Searching<T> = Generator<void, T>;
