/**
 * One request on its way through the server: the request, its user, and the parts of the server that handlers
 * use.
 */

import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { anonymous, type UserInfo } from '#api/meta/user.ts';
import type { Schema } from '#api/schema/schema.ts';
import type { ApiRequest, ApiResponse } from '#client/transport/transport.ts';
import type { AuditedRequest } from '../audit/audited-request.ts';
import type { EncodedEntries } from '../cache/encoded-entries.ts';
import type { Peer } from '../contract/authentication.ts';
import type { RequestInfo } from '../contract/request-info.ts';
import type { ObjectFeed } from '../contract/stored-objects.ts';
import type { Deadline } from '../flowcontrol/deadlines.ts';
import type { Ticket } from '../flowcontrol/flow-control.ts';
import type { ListSeats } from '../flowcontrol/list-seats.ts';
import type { OpenWatches } from '../flowcontrol/shutdown/open-watches.ts';
import type { ThreadTurn } from '../flowcontrol/thread-turn.ts';
import type { SharedEncodings } from '../list-encodings/shared-encodings.ts';
import type { StorageParts } from '../registry/storage-parts.ts';
import type { LargeYaml } from './large-yaml.ts';
import { nonResource } from './parse-request.ts';
import type { RequestSettings } from './request-settings.ts';
import { Warnings } from './warnings.ts';
import type { WatchMetrics } from './watch-metrics.ts';

/** What the handlers of all verbs use. */
export interface HandlerParts extends StorageParts {
  readonly feed: ObjectFeed;
  /** Of the built-in kinds. The types of a custom resource are in the schema of the resource. */
  readonly schema: Schema;
  readonly encodings: SharedEncodings;
  readonly encodedEntries: EncodedEntries;
  /** The rows of tables, their ages left open. */
  readonly tableRows: EncodedEntries;
  /** Large lists and watches take seats until they are sent. */
  readonly listSeats: ListSeats;
  readonly openWatches: OpenWatches;
  readonly watchMetrics: WatchMetrics;
  readonly settings: Pick<RequestSettings, 'watchSecondsMin' | 'deletionsMax' | 'timeoutMs'>;
}

/** How a request came in. */
export interface Arrival {
  readonly request: ApiRequest;
  readonly peer: Peer;
  /** Set for a caller inside this process. Absent: to be authenticated. */
  readonly user?: UserInfo | undefined;
  /** Puts the body into the request. Absent when it is there already, or there is none to come. */
  readonly receive?: (() => undefined | Promise<undefined>) | undefined;
  /** The body as a stream, for a proxy; instead of `receive`. */
  readonly incomingBody?: (() => Readable | undefined) | undefined;
  readonly connection?: Connection | undefined;
}

/** A connection whose caller wants to go on with another protocol. */
export interface Connection {
  readonly message: IncomingMessage;
  readonly socket: Socket;
  readonly head: Uint8Array;
  /** A handler has answered on the socket, and owns it now. */
  isTakenOver: boolean;
}

export interface Exchange extends Omit<Arrival, 'user'> {
  readonly parts: HandlerParts;
  /** The caller is inside this process: neither authenticated nor limited, and without a deadline as long as this server itself answers. */
  readonly trusted: boolean;
  readonly startedMs: number;
  readonly auditId: string;
  /** Undefined for requests without a deadline. */
  timeoutMs: number | undefined;
  /** Empty before the stage `request-info`. */
  info: RequestInfo;
  /** Anonymous before the stage `authentication`; the impersonated user after `impersonation`. */
  user: UserInfo;
  readonly warnings: Warnings;
  /** The body, where it is YAML and so large that it was read elsewhere. */
  largeYaml: LargeYaml | undefined;
  /** The audit policy has been applied. */
  isAudited: boolean;
  /** Collects what the audit events will say; undefined where the policy records nothing. */
  audit: AuditedRequest | undefined;
  /** The message of an unexpected error: a fault of the server. */
  panic: string | undefined;
  /** Another server answers: its answer is no object of this one. */
  isForwarded: boolean;
  /** The wait group counts this request. */
  isCounted: boolean;
  /** The seats at a priority level. Undefined for callers inside this process and for requests without a limit. */
  ticket: Ticket | undefined;
  /** The turns of the thread; undefined as long as the request has not asked for one. */
  turn: ThreadTurn | undefined;
  /** Set when a stage had to wait. */
  deadline: Deadline | undefined;
  /** Answers the request while its stages are still at work. Set when a stage had to wait. */
  answerEarly: ((response: ApiResponse) => void) | undefined;
}

/** Upstream's, for its logs; here for the answer too, whose header has less room than that of a request. */
const auditIdLengthMax = 64;

export function beginExchange(parts: HandlerParts, arrival: Arrival): Exchange {
  const { request, peer, user, receive, incomingBody, connection } = arrival;
  const { clock, random } = parts.env;
  return {
    parts,
    request,
    peer,
    receive,
    incomingBody,
    connection,
    trusted: user !== undefined,
    startedMs: clock.monotonicMs(),
    auditId: request.headers['audit-id']?.slice(0, auditIdLengthMax) || random.uuid(),
    timeoutMs: undefined,
    info: unread,
    user: user ?? anonymous,
    warnings: new Warnings(),
    largeYaml: undefined,
    isAudited: false,
    audit: undefined,
    panic: undefined,
    isForwarded: false,
    isCounted: false,
    ticket: undefined,
    turn: undefined,
    deadline: undefined,
    answerEarly: undefined,
  };
}

const unread = nonResource('', '', new URLSearchParams());

export function warn(exchange: Exchange, text: string): void {
  exchange.warnings.add(text);
}
