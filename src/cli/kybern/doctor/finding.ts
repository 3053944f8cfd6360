/** One line of `kybern doctor`. */

export interface Finding {
  readonly ok: boolean;
  readonly what: string;
  /** How to get it, if it is missing; beside what is there: a note. */
  readonly hint?: string;
}
