/** A pod of the node, as the parts that may have to evict it see it. */

import type { NodePod } from '../pod/pod.ts';
import type { Failure } from '../worker/status/pod-report.ts';

export interface Evictable {
  readonly pod: NodePod;
  /** The pod runs and is not terminating. */
  readonly mayRun: boolean;
  /** It runs or is terminating, and has not failed as a whole yet. */
  readonly isActive: boolean;
  /** Its containers, volumes and control groups are gone. */
  readonly hasEnded: boolean;
  fail(failure: Failure): void;
}
