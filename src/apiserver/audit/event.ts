/**
 * An audit event (`audit.k8s.io/v1`): a request at one stage, and its encoding. The objects of request and response
 * are JSON already.
 */

import type { Status } from '#api/meta/status.ts';
import type { AuditStage, Level } from './policy.ts';

export interface AuditedUser {
  readonly username?: string;
  readonly uid?: string;
  readonly groups?: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

export interface ObjectReference {
  resource?: string;
  namespace?: string;
  name?: string;
  uid?: string;
  apiGroup?: string;
  apiVersion?: string;
  resourceVersion?: string;
  subresource?: string;
}

export interface AuditEvent {
  readonly level: Level;
  readonly auditID: string;
  readonly stage: AuditStage;
  readonly requestURI: string;
  readonly verb: string;
  readonly user: AuditedUser;
  readonly impersonatedUser?: AuditedUser | undefined;
  readonly authenticationMetadata?: { readonly impersonationConstraint: string } | undefined;
  readonly sourceIPs?: readonly string[] | undefined;
  readonly userAgent?: string | undefined;
  readonly objectRef?: Readonly<ObjectReference> | undefined;
  readonly responseStatus?: ResponseStatus | undefined;
  /** JSON. */
  readonly requestObject?: string | undefined;
  /** JSON. */
  readonly responseObject?: string | undefined;
  readonly requestReceivedTimestamp: string;
  readonly stageTimestamp: string;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
}

export type ResponseStatus = Partial<Pick<Status, 'status' | 'message' | 'reason' | 'details' | 'code'>> & {
  readonly metadata: Readonly<Record<string, never>>;
};

const header = { kind: 'Event', apiVersion: 'audit.k8s.io/v1' };

/** One line of JSON, its fields in upstream's order. */
export function eventText(event: AuditEvent): string {
  return textOf({ ...header, ...event });
}

/** An EventList, whose items do not repeat kind and apiVersion. */
export function eventListText(events: readonly AuditEvent[]): string {
  const items = events.map(textOf).join(',');
  return `{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[${items}]}`;
}

function textOf(event: AuditEvent): string {
  const { requestObject, responseObject, requestReceivedTimestamp, stageTimestamp, annotations, ...first } =
    event;
  const before = JSON.stringify(first).slice(0, -1);
  const after = JSON.stringify({ requestReceivedTimestamp, stageTimestamp, annotations }).slice(1);
  const objects =
    (requestObject === undefined ? '' : `,"requestObject":${requestObject}`) +
    (responseObject === undefined ? '' : `,"responseObject":${responseObject}`);
  return `${before}${objects},${after}`;
}
