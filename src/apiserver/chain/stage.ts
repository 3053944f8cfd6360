/** The shape of a stage of the request chain: a name, a way in and a way out. */

import type { ApiResponse } from '#client/transport/transport.ts';
import type { Exchange } from '../request/exchange.ts';

export type Entered = undefined | ApiResponse | Promise<ApiResponse | undefined>;

/** A response on its way out: stages may add to it. */
export interface Answer extends ApiResponse {
  readonly headers: Record<string, string>;
  body: ApiResponse['body'];
}

export interface Stage {
  /** The value of the label `filter` of its latency, and upstream's word where upstream has one. */
  readonly name: string;
  /** `outside`: callers inside this process do not enter it. */
  readonly callers?: 'outside';
  /** Its way in only looks or counts: what that takes belongs to the stage after it. */
  readonly isInstant?: true;
  /** Lets the request pass to the next stage, answers, or throws. Only what has to wait returns a promise. */
  enter?(exchange: Exchange): Entered;
  /** The answer will have to be waited for. */
  wait?(exchange: Exchange): void;
  /** Makes an answer of what this stage or one inside it threw. */
  rescue?(exchange: Exchange, error: unknown): ApiResponse;
  /**
   * Sees each answer on its way out, once: also of a request that was answered before it came here, and the one that the
   * deadline gives.
   */
  leave?(exchange: Exchange, answer: Answer): void;
  /** The work on the request has ended: before its answer leaves, or later if the deadline has answered. */
  end?(exchange: Exchange): void;
}
