/** What is looked at to decide about one CronJob. */

import type { CronJob, Job } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';

export interface CronJobView {
  readonly cronJob: Stored<CronJob>;
  /** Those it owns. */
  readonly jobs: readonly Stored<Job>[];
  /** Uids of active jobs that are not among `jobs`, and not at the server either. */
  readonly gone: ReadonlySet<string>;
  readonly nowMs: number;
}
