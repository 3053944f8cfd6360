/** One line of the table that `npm run bench` prints. */

export interface BenchRow {
  readonly what: string;
  /** What we reach, with its unit. */
  readonly value: string;
  /** What the machine allows in the same run, with its unit; empty where there is no such thing. */
  readonly ceiling: string;
  /** Value to ceiling; undefined where there is no ceiling. */
  readonly ratio: number | undefined;
  /** The least acceptable ratio. */
  readonly floor?: number;
}
