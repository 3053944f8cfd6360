/** The one shape of the handlers behind bindings, evictions, tokens, reviews, logs and connections. */

import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import type { AnyObject } from '#api/meta/object.ts';
import type { UserInfo } from '#api/meta/user.ts';
import type { Env } from '#base/env.ts';
import type { ApiRequest, ApiResponse } from '#client/transport/transport.ts';
import type { RequestInfo } from './request-info.ts';
import type { ServerClient } from './server-client.ts';
import type { ObjectFeed, ObjectReader } from './stored-objects.ts';

/** What a special handler is about to do, of the resource and subresource of its request. */
export interface HandlerWrite {
  readonly operation: 'CREATE' | 'CONNECT';
  readonly name: string;
  /** The request's own: an Eviction, or the options of a connection. */
  readonly object: AnyObject;
  readonly dryRun: boolean;
  /** The handler answers with the object, as if it were stored: its fields get a manager. */
  readonly isAnswered?: boolean;
  /** Judges the object, after the plugins that may change it and before those that only judge it too. */
  check?(): Promise<void> | void;
}

export interface Answered {
  /** The answer can be a Table. */
  readonly tables: boolean;
  /** Default `object`. */
  readonly route?: 'object' | 'collection' | 'log';
}

/** What a handler answers with. */
export type TypedObject = Readonly<AnyObject> & { readonly kind: string; readonly apiVersion: string };

export interface HandlerContext {
  readonly env: Env;
  readonly request: ApiRequest;
  /** Where the request came from; absent in process. */
  readonly remoteAddress?: string | undefined;
  /** The body as it comes, where it has not been read into the request. */
  readonly incomingBody?: (() => Readable | undefined) | undefined;
  readonly info: RequestInfo;
  readonly user: UserInfo;
  readonly serverClient: ServerClient;
  readonly reader: ObjectReader;
  readonly feed: ObjectFeed;
  /** The object in the request's body, in whatever encoding; throws 400 and 415 as for any object. */
  readBody(kind: { readonly group: string; readonly version: string; readonly kind: string }): AnyObject;
  /** The write chain, for what the handler is about to do: `effect` runs when admission has agreed to it. */
  write<T>(step: HandlerWrite, effect: () => Promise<T> | T): Promise<T>;
  /** Throws 406 when the caller takes no form that such an object has. */
  checkAccept(answered: Answered): void;
  /** The object, list or Status in the form that the caller takes. */
  answer(status: number, object: TypedObject): ApiResponse;
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
