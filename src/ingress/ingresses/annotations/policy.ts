/** What the annotations of an Ingress ask for, all together. */

import type {
  AffinityCookie,
  Backend,
  BackendTls,
  BasicUser,
  ClientLimits,
  Step,
  Timeouts,
} from '../../model/model.ts';

export interface Policy {
  /** Redirects of every request, before anything is checked. */
  readonly redirects: readonly Step[];
  /** Who may come in, and with how much. */
  readonly checks: readonly Step[];
  /** What the endpoint is sent instead. */
  readonly changes: readonly Step[];
  readonly protocol?: Backend['protocol'];
  readonly tls?: BackendTls;
  readonly timeouts: Timeouts;
  readonly affinity?: AffinityCookie;
  readonly limits?: ClientLimits;
  readonly users?: readonly BasicUser[];
  /** Paths are regular expressions. */
  readonly hasRegexPaths: boolean;
  readonly rewriteTarget?: string;
  /** Plain requests are redirected: always, never, or (undefined) where the Ingress has a certificate for the host. */
  readonly redirectsToTls?: boolean;
  readonly canary?: Canary;
}

export interface Canary {
  readonly header?: string;
  readonly headerValue?: string;
  readonly headerPattern?: string;
  readonly cookie?: string;
  readonly weight: number;
  readonly weightTotal: number;
}

/** A part of the policy that one file reads. */
export type PolicyPart = Partial<Policy>;
