/** The shape of a stage of the request chain: a name, a way in and a way out. */

import type { ApiResponse } from '#client/transport/transport.ts';
import type { Exchange } from '../request/exchange.ts';

export type Entered = undefined | ApiResponse | Promise<ApiResponse | undefined>;

/** A response on its way out: stages may add to it. */
export interface Answer extends ApiResponse {
  readonly headers: Record<string, string>;
  body: ApiResponse['body'];
  isLast?: boolean;
}

export interface Stage {
  /**
   * The value of the label `filter` of its latency metric; upstream's name where upstream has such a filter.
   */
  readonly name: string;
  /** `outside`: callers inside this process do not enter it. */
  readonly callers?: 'outside';
  /** The way in takes no time worth measuring: its time is counted with that of the next stage. */
  readonly isInstant?: true;
  /**
   * Returns nothing to pass the request on, a response to answer it, or throws. Returns a promise only when
   * it has to wait.
   */
  enter?(exchange: Exchange): Entered;
  /** Called once, when a stage has returned a promise. */
  wait?(exchange: Exchange): void;
  /** Makes a response of an error that a stage threw. */
  rescue?(exchange: Exchange, error: unknown): ApiResponse;
  /**
   * Called once with the response of every request, the innermost stage first: also when the request was
   * answered before it reached this stage, and for the 504 of the deadline.
   */
  leave?(exchange: Exchange, answer: Answer): void;
  /**
   * Called once, when the work on the request has ended: before the response leaves, or later when the
   * deadline answered first. Called also when the request did not reach this stage.
   */
  end?(exchange: Exchange): void;
}
