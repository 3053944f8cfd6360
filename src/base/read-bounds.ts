/** How much of an answer is read, and for how long. */

export interface ReadBounds {
  readonly bytesMax?: number;
  /** Ends the reading with its reason. */
  readonly signal?: AbortSignal;
}
