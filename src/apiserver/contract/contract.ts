/** The few shapes the stages of a request share: what is asked, by whom, and who may say no. */

import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import type { AnyObject } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import type { UserInfo } from '#api/meta/user.ts';
import type { FieldRequirement } from '#api/selectors/field-selector.ts';
import type { Requirement } from '#api/selectors/requirement.ts';
import type { Env } from '#base/env.ts';
import type { DeleteOptions } from '#client/client.ts';
import type { ApiRequest, ApiResponse } from '#client/transport/transport.ts';
import type { PlainRefusal } from './plain-refusal.ts';
import type { RequestSelectors } from './request-selectors.ts';

/** What a URL means, as apiserver's RequestInfo. */
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
  /** What follows the subresource, with a slash at the end of the URL: the path of a proxy request. */
  readonly trailing: string;
  /** `/api/v1/watch/pods`: the old form, whose selectors do not count where it is authorized. */
  readonly isVerbInPath?: boolean;
  /** Why the URL has no meaning. */
  readonly problem: PlainRefusal | undefined;
}

/** What the connection knows beside the request itself. */
export interface Peer {
  /** DER of the verified client certificate. */
  readonly clientCertificate?: Uint8Array;
  /**
   * A client certificate was shown that no authority of the cluster signed: such a caller is not even
   * anonymous.
   */
  readonly hasBadCertificate?: boolean;
  readonly remoteAddress?: string;
}

/**
 * Returns undefined when these credentials are not its own; throws a 401 StatusError when they are and are
 * bad.
 */
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
  /** What a list, a watch or a collection's deletion is kept to; absent when it cannot be parsed. */
  readonly fieldSelector?: readonly FieldRequirement[];
  readonly labelSelector?: readonly Requirement[];
}

export interface AuthorizationDecision {
  readonly decision: 'allow' | 'deny' | 'noOpinion';
  readonly reason: string;
}

export interface Authorizer {
  readonly name: string;
  authorize(attributes: AuthorizationAttributes): Promise<AuthorizationDecision> | AuthorizationDecision;
}

/** Cached reads for authorizers and admission: parsed, shared, never to be changed. */
export interface ObjectReader {
  get(type: ResourceType, namespace: string, name: string): AnyObject | undefined;
  list(type: ResourceType, namespace?: string): AnyObject[];
}

/** An object in the cache, parsed when it is asked for. */
export interface CachedObject {
  readonly namespace: string;
  readonly name: string;
  /** Values of its selectable fields. */
  readonly fields: Readonly<Record<string, string>>;
  object(): AnyObject;
}

/** Called for each change of one resource. */
export interface Follower {
  /** Without `entry` the object is gone. */
  changed(namespace: string, name: string, entry: CachedObject | undefined): void;
  /** All of it was read again. */
  reloaded(): void;
}

/** The cache and its changes, for what is kept rather than looked for each time. */
export interface ObjectFeed {
  entries(type: ResourceType): readonly CachedObject[];
  /** For as long as the server runs, also where the resource is replaced, or goes and comes back. */
  follow(type: ResourceType, follower: Follower): void;
}

/** Writes from inside the server, through the same storage path, for subresources and allocators. */
export interface Registry {
  /** Throws 404. Parsed and private to the caller. */
  get(type: ResourceType, namespace: string, name: string): Promise<AnyObject>;
  create(type: ResourceType, object: AnyObject): Promise<AnyObject>;
  /** Read, change, compare-and-set, retried on conflict; validation and admission do not run. */
  guaranteedUpdate(
    type: ResourceType,
    namespace: string,
    name: string,
    change: (object: AnyObject) => AnyObject,
  ): Promise<AnyObject>;
  /** As a DELETE request would, with graceful deletion and finalizers; admission does not run. */
  delete(type: ResourceType, namespace: string, name: string, options: DeleteOptions): Promise<AnyObject>;
}

/** What a special handler is about to do, of the resource and subresource of its request. */
export interface HandlerWrite {
  readonly operation: 'CREATE' | 'CONNECT';
  readonly name: string;
  /** The request's own: an Eviction, or the options of a connection. */
  readonly object: AnyObject;
  readonly dryRun: boolean;
  /** Judges the object, after the plugins that may change it and before those that only judge it too. */
  check?(): Promise<void> | void;
}

export interface HandlerContext {
  readonly env: Env;
  readonly request: ApiRequest;
  /** Where the request came from; absent in process. */
  readonly remoteAddress?: string | undefined;
  /** The body as it comes, where it has not been read into the request. */
  readonly incomingBody?: (() => Readable | undefined) | undefined;
  readonly info: RequestInfo;
  readonly user: UserInfo;
  readonly registry: Registry;
  readonly reader: ObjectReader;
  /** The object in the request's body, in whatever encoding; throws 400 and 415 as for any object. */
  readBody(kind: { readonly group: string; readonly version: string; readonly kind: string }): AnyObject;
  /** The write chain, for what the handler is about to do: `effect` runs when admission has agreed to it. */
  write<T>(step: HandlerWrite, effect: () => Promise<T> | T): Promise<T>;
  warn(text: string): void;
}

/** A resource or subresource that is not plain storage: bindings, evictions, tokens, reviews, logs. */
export interface SpecialHandler {
  readonly group: string;
  readonly resource: string;
  /** `''` for the resource itself (SubjectAccessReview). */
  readonly subresource: string;
  readonly verbs: readonly string[];
  handle(context: HandlerContext): Promise<ApiResponse>;
  /**
   * For exec, attach, port-forward, proxies: takes over the connection after authorization. Returns the
   * status it answered with.
   */
  upgrade?(
    context: HandlerContext,
    request: IncomingMessage,
    socket: Socket,
    head: Uint8Array,
  ): Promise<number>;
}

/** What must happen around storing an object of one kind: the allocation of cluster IPs and node ports. */
export interface StorageHooks {
  readonly group: string;
  readonly resource: string;
  /** Before validation; changes `object` in place. A dry run takes nothing. */
  begin?(object: AnyObject, old: AnyObject | undefined, dryRun: boolean): Promise<Allocation>;
  afterDelete?(object: AnyObject): Promise<void>;
}

/** What a write has taken from shared pools. Neither function throws. */
export interface Allocation {
  /** The write came to nothing: gives back what it took. */
  undo(): Promise<void>;
  /** The object is stored: gives back what only its old state held. */
  done(): Promise<void>;
}

/** Returns why it fails now, if it does. */
export type HealthCheck = () => string | undefined;
