/** What a start has to know to tell a loss from a new store, and whether it may go on. */

export interface LossPolicy {
  /** This store has been used before: an absent or empty file is a loss. */
  readonly isUsed: boolean;
  /** Go on with what is left. What cannot be read is kept beside the store, as `NAME.damaged-N`. */
  readonly acceptLoss: boolean;
}
