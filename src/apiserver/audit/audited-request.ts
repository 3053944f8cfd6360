/** An audited request: collects what its stages report, and makes an event at each audit stage. */

import { goDurationText } from '#api/go/duration.ts';
import type { Status } from '#api/meta/status.ts';
import type { UserInfo } from '#api/meta/user.ts';
import { rfc3339Micro } from '#base/clock.ts';
import { compactJson } from '#wire/json/compact.ts';
import { parseExactly } from '#wire/json/exact-integers.ts';
import type { RequestInfo } from '../contract/request-info.ts';
import type { AuditEvent, AuditedUser, ObjectReference, ResponseStatus } from './event.ts';
import { withoutManagedFields } from './managed-fields.ts';
import { completeReference, recordedReference, referenceOf } from './object-reference.ts';
import { type AuditConfig, type AuditStage, atLeast, type Level } from './policy.ts';

/** The facts of a request at its first audit stage. */
export interface AuditedArrival {
  readonly auditId: string;
  readonly receivedMs: number;
  /** How long authentication took. */
  readonly authenticationMs: number;
  readonly requestURI: string;
  readonly sourceIPs: readonly string[];
  readonly userAgent: string;
  readonly info: RequestInfo;
  /** Absent if authentication failed. */
  readonly user: UserInfo | undefined;
}

/** Receives the events of an audited request. */
export interface EventReceiver {
  /** False if the event was lost and its request must fail. */
  process(event: AuditEvent): boolean | Promise<boolean>;
  now(): number;
  warnOfAnnotation(auditId: string, key: string): void;
}

const slowMs = 500;
const layerOfStage: Readonly<Record<string, string | undefined>> = {
  authentication: 'authentication',
  authorization: 'authorization',
  impersonation: 'impersonation',
  'priority-and-fairness': 'apf-queue-wait',
};

export class AuditedRequest {
  readonly #receiver: EventReceiver;
  readonly #config: AuditConfig;
  readonly #arrival: AuditedArrival;
  readonly #objectRef: ObjectReference | undefined;
  #annotations: Record<string, string> | undefined;
  /** By upstream's name of the layer. */
  readonly #layerMs = new Map<string, number>();
  #impersonated: { user: UserInfo; constraint: string } | undefined;
  #requestObject: string | undefined;
  #hasRequestObject = false;
  #responseObject: string | undefined;
  #responseStatus: ResponseStatus | undefined;

  constructor(receiver: EventReceiver, config: AuditConfig, arrival: AuditedArrival) {
    this.#receiver = receiver;
    this.#config = config;
    this.#arrival = arrival;
    this.#objectRef = arrival.info.isResource ? referenceOf(arrival.info) : undefined;
    this.recordLatency('authentication', arrival.authenticationMs);
  }

  get recordsResponse(): boolean {
    return atLeast(this.#config.level, 'RequestResponse');
  }

  /** A key that is set already keeps its value. `level`: the lowest level at which the annotation is recorded. */
  annotate(key: string, value: string, level: Level = 'Metadata'): void {
    if (!atLeast(this.#config.level, level)) return;
    this.#annotations ??= {};
    if (this.#annotations[key] === undefined) this.#annotations[key] = value;
    else if (this.#annotations[key] !== value) this.#receiver.warnOfAnnotation(this.#arrival.auditId, key);
  }

  recordDecision(decision: 'allow' | 'forbid', reason: string): void {
    this.annotate('authorization.k8s.io/decision', decision);
    this.annotate('authorization.k8s.io/reason', reason);
  }

  /** `constraint`: the verb by which constrained impersonation was allowed, or `''`. */
  recordImpersonation(user: UserInfo, constraint: string): void {
    this.#impersonated = { user, constraint };
  }

  /**
   * The object of the request's body, as it was read: before defaults and admission change it. Only the
   * first counts.
   */
  recordRequestObject(object: object): void {
    if (this.#hasRequestObject) return;
    this.#hasRequestObject = true;
    if (this.#objectRef) completeReference(this.#objectRef, object);
    if (!atLeast(this.#config.level, 'Request')) return;
    this.#requestObject = JSON.stringify(
      this.#config.omitManagedFields ? withoutManagedFields(object) : object,
    );
  }

  /** The body of a patch; recorded as a string if it is not JSON. */
  recordPatch(body: Uint8Array): void {
    if (this.#hasRequestObject || !atLeast(this.#config.level, 'Request')) return;
    this.#hasRequestObject = true;
    const text = Buffer.from(body).toString();
    this.#requestObject = isJson(text) ? compactJson(text) : JSON.stringify(text);
  }

  recordResponseObject(json: string): void {
    const { omitManagedFields } = this.#config;
    this.#responseObject = omitManagedFields
      ? JSON.stringify(withoutManagedFields(parseExactly(json) as object))
      : compactJson(json);
  }

  /** Records the code, and of a Status the fields that upstream records. */
  recordStatus(code: number, status?: Partial<Status>): void {
    const { status: outcome, message, reason, details } = status ?? {};
    this.#responseStatus = {
      metadata: {},
      status: outcome,
      message,
      reason,
      details,
      code,
    } as ResponseStatus;
  }

  /** How long a stage of the request chain took. */
  recordLatency(chainStage: string, ms: number): void {
    const layer = layerOfStage[chainStage];
    if (layer && ms > 0) this.#layerMs.set(layer, ms);
  }

  /** Makes the event of a request that a fault of the server ended. */
  recordPanic(message: string): boolean | Promise<boolean> {
    const text = `APIServer panic'd: ${message}`;
    this.recordStatus(500, { status: 'Failure', reason: 'InternalError', message: text });
    return this.recordStage('Panic');
  }

  /** Makes the event of this audit stage. False if the event was lost and the request must fail. */
  recordStage(stage: AuditStage): boolean | Promise<boolean> {
    if (this.#config.omitStages.has(stage)) return true;
    if (stage === 'ResponseComplete') this.#annotateLatency();
    return this.#receiver.process(this.#event(stage));
  }

  /** Of slow requests only, as upstream. */
  #annotateLatency(): void {
    const totalMs = this.#receiver.now() - this.#arrival.receivedMs;
    if (totalMs <= slowMs || this.#layerMs.size === 0) return;
    for (const [layer, ms] of [...this.#layerMs, ['total', totalMs] as const]) {
      this.annotate(`apiserver.latency.k8s.io/${layer}`, goDurationText(ms));
    }
  }

  #event(stage: AuditStage): AuditEvent {
    const { auditId, receivedMs, requestURI, sourceIPs, userAgent, info, user } = this.#arrival;
    const impersonated = this.#impersonated;
    const nowMs = stage === 'RequestReceived' ? receivedMs : this.#receiver.now();
    return {
      level: this.#config.level,
      auditID: auditId,
      stage,
      requestURI,
      verb: info.verb,
      user: user ? userOf(user) : {},
      impersonatedUser: impersonated && userOf(impersonated.user),
      authenticationMetadata: impersonated?.constraint
        ? { impersonationConstraint: impersonated.constraint }
        : undefined,
      sourceIPs: sourceIPs.length > 0 ? sourceIPs : undefined,
      userAgent: userAgent || undefined,
      objectRef: this.#objectRef && recordedReference(this.#objectRef),
      responseStatus: this.#responseStatus,
      requestObject: this.#requestObject,
      responseObject: this.#responseObject,
      requestReceivedTimestamp: rfc3339Micro(receivedMs),
      stageTimestamp: rfc3339Micro(nowMs),
      annotations: this.#annotations && sorted(this.#annotations),
    };
  }
}

/** In the order in which Go encodes maps. */
function sorted<T>(map: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function userOf({ name, uid, groups, extra }: UserInfo): AuditedUser {
  return {
    ...(name ? { username: name } : {}),
    ...(uid ? { uid } : {}),
    ...(groups.length > 0 ? { groups } : {}),
    ...(extra && Object.keys(extra).length > 0 ? { extra: sorted(extra) } : {}),
  };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
