/** What the URL and the method of a request mean, as apiserver's RequestInfo. */

import type { PlainRefusal } from './plain-refusal.ts';
import type { RequestSelectors } from './request-selectors.ts';

export interface RequestInfo {
  readonly isResource: boolean;
  /** Decoded, without query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** What the query selects by, for the requests that select. */
  readonly selectors: RequestSelectors;
  /**
   * `get list watch create update patch delete deletecollection`; for non-resource paths the lower-case
   * method.
   */
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  /** `''` when cluster-scoped or across all namespaces. */
  readonly namespace: string;
  readonly name: string;
  /** Its namespace is the object itself: `/api/v1/namespaces/NAME`, which reads as a path inside it. */
  readonly isNamespace?: boolean;
  /** What follows the subresource, with a slash at the end of the URL: the path of a proxy request. */
  readonly trailing: string;
  /** `/api/v1/watch/pods`: the old form, whose selectors do not count where it is authorized. */
  readonly isVerbInPath?: boolean;
  /** Why the URL has no meaning. */
  readonly problem: PlainRefusal | undefined;
}
