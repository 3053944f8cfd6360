/** The parts of the server that the policy plugins use. */

import type { Clock } from '#base/clock.ts';
import type { Authorizer } from '../../contract/authorization.ts';
import type { PolicyParts } from './bound-policies.ts';
import type { PolicyMetrics } from './policy-metrics.ts';

export interface PolicyOptions extends PolicyParts {
  readonly clock: Clock;
  /** For the variable `authorizer` of expressions. */
  readonly authorizer: Authorizer;
  readonly metrics: PolicyMetrics;
}
