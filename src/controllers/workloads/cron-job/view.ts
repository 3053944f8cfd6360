/** The objects that a decision about one CronJob depends on. */

import type { CronJob, Job } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';

export interface CronJobView {
  readonly cronJob: Stored<CronJob>;
  /** The jobs it owns. */
  readonly jobs: readonly Stored<Job>[];
  /** Uids of active jobs that are neither among `jobs` nor on the server. */
  readonly gone: ReadonlySet<string>;
  readonly nowMs: number;
}
