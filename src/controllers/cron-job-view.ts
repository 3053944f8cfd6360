/** What is looked at to decide about one CronJob. */

import type { Stored } from '#api/object.ts';
import type { CronJob, Job } from '#api/types.gen.ts';
import type { WrittenVersions } from './written-versions.ts';

export interface CronJobView {
  readonly cronJob: Stored<CronJob>;
  /** Those it owns. */
  readonly jobs: readonly Stored<Job>[];
  /** Uids of active jobs that are not among `jobs`, and not at the server either. */
  readonly gone: ReadonlySet<string>;
  readonly nowMs: number;
  readonly written: WrittenVersions;
}
