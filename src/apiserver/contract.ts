/** The few shapes the stages of a request share: what is asked, by whom, and who may say no. */

import type { AnyObject } from '#api/object.ts';
import type { ResourceType } from '#api/resource.ts';
import type { UserInfo } from '#api/user.ts';
import type { ApiRequest } from '#client/transport.ts';

/** What a URL means, as apiserver's RequestInfo. */
export interface RequestInfo {
  readonly isResource: boolean;
  /** Path without query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** `get list watch create update patch delete deletecollection`; for non-resource paths the lower-case method. */
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  /** `''` when cluster-scoped or across all namespaces. */
  readonly namespace: string;
  readonly name: string;
  /** What follows the subresource: the path of a proxy request. */
  readonly trailing: string;
}

/** What the connection knows beside the request itself. */
export interface Peer {
  /** DER of the verified client certificate. */
  readonly clientCertificate?: Uint8Array;
  readonly remoteAddress?: string;
}

/** Returns undefined when these credentials are not its own; throws a 401 StatusError when they are and are bad. */
export interface Authenticator {
  readonly name: string;
  authenticate(request: ApiRequest, peer: Peer): Promise<UserInfo | undefined> | UserInfo | undefined;
}

export interface AuthorizationAttributes {
  readonly user: UserInfo;
  readonly verb: string;
  readonly isResource: boolean;
  readonly path: string;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
}

export interface AuthorizationDecision {
  readonly decision: 'allow' | 'deny' | 'noOpinion';
  readonly reason: string;
}

export interface Authorizer {
  readonly name: string;
  authorize(attributes: AuthorizationAttributes): Promise<AuthorizationDecision> | AuthorizationDecision;
}

export type AdmissionOperation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';

export interface AdmissionAttributes {
  readonly operation: AdmissionOperation;
  readonly type: ResourceType;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  /** The object to be written; mutating plugins change it in place. Absent for DELETE. */
  readonly object?: AnyObject;
  readonly oldObject?: AnyObject;
  readonly user: UserInfo;
  readonly dryRun: boolean;
  /** Adds a Warning header to the answer. */
  warn(text: string): void;
}

/** Both throw a StatusError to refuse. One file each under `apiserver/admission/`, listed in `admission/plugins.ts`. */
export interface AdmissionPlugin {
  readonly name: string;
  /** Which resources it looks at: `pods`, `deployments.apps`, or `*`. */
  readonly resources: readonly string[];
  mutate?(attributes: AdmissionAttributes): Promise<void> | void;
  validate?(attributes: AdmissionAttributes): Promise<void> | void;
}

/** Cached reads for authorizers and admission: parsed, shared, never to be changed. */
export interface ObjectReader {
  get(type: ResourceType, namespace: string, name: string): AnyObject | undefined;
  list(type: ResourceType, namespace?: string): AnyObject[];
}
