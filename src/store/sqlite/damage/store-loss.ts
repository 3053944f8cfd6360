/** A store that does not hold all it has acknowledged: what is missing, and that nothing was started over it. */

export class StoreLossError extends Error {
  override name = 'StoreLossError';
}

/** What a start has to know to tell a loss from a new store. */
export interface LossPolicy {
  /** This store has been used before: an absent or empty file is a loss. */
  readonly isUsed: boolean;
  /** Go on with what is left. What cannot be read is kept beside the store, as `NAME.damaged-N`. */
  readonly acceptLoss: boolean;
}
