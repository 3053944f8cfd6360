/** One line of the table that `npm run bench` prints. */

export interface BenchRow {
  readonly what: string;
  /** The measured value, with its unit. */
  readonly value: string;
  /** What the machine allows in the same run, with its unit; empty if there is no ceiling. */
  readonly ceiling: string;
  /** Value divided by ceiling; undefined without a ceiling. */
  readonly ratio: number | undefined;
  /** The least acceptable ratio. */
  readonly floor?: number;
}
