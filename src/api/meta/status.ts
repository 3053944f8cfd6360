/**
 * The catalogue of errors: every failure of the API is a `StatusError`, made by one of these functions, with
 * the code, reason, message and causes of apimachinery's `errors` package.
 */

import { goQuoted } from '#wire/json/go-values.ts';
import { aggregateText } from '../go/aggregate.ts';
import { type FieldError, fieldErrorBody } from '../validation/field-error.ts';
import { groupResource } from './resource.ts';

export interface StatusCause {
  reason?: string;
  message?: string;
  field?: string;
}

export interface StatusDetails {
  name?: string;
  group?: string;
  kind?: string;
  uid?: string;
  causes?: StatusCause[];
  retryAfterSeconds?: number;
}

export interface Status {
  kind: 'Status';
  apiVersion: 'v1';
  metadata: { continue?: string; remainingItemCount?: number };
  status: 'Success' | 'Failure';
  message?: string;
  reason?: string;
  details?: StatusDetails;
  code: number;
}

/** An expected failure that is returned to the client as a Status. */
export class StatusError extends Error {
  override name = 'StatusError';
  readonly status: Status;
  constructor(status: Status) {
    super(status.message ?? status.reason ?? 'unknown');
    this.status = status;
  }
  get code(): number {
    return this.status.code;
  }
  get reason(): string {
    return this.status.reason ?? '';
  }
}

/**
 * Rejected because the namespace is terminating: nothing can be created there any more, and no report is
 * needed.
 */
export function isNamespaceTerminating(error: unknown): boolean {
  const causes = error instanceof StatusError ? error.status.details?.causes : undefined;
  return causes?.some(({ reason }) => reason === 'NamespaceTerminating') ?? false;
}

type Named = { group: string; resource: string };

function detailsOf(kind: Named, name: string): StatusDetails {
  return {
    ...(name ? { name } : {}),
    ...(kind.group ? { group: kind.group } : {}),
    ...(kind.resource ? { kind: kind.resource } : {}),
  };
}

export function failure(code: number, reason: string, message: string, details?: StatusDetails): StatusError {
  return new StatusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason,
    ...(details ? { details } : {}),
    code,
  });
}

export function notFound(kind: Named, name: string): StatusError {
  return failure(
    404,
    'NotFound',
    `${groupResource(kind)} ${goQuoted(name)} not found`,
    detailsOf(kind, name),
  );
}

/** For a path of a served group that is not a resource. */
export function noSuchPath(): StatusError {
  return failure(404, 'NotFound', 'the server could not find the requested resource', {});
}

export function alreadyExists(kind: Named, name: string): StatusError {
  return failure(
    409,
    'AlreadyExists',
    `${groupResource(kind)} ${goQuoted(name)} already exists`,
    detailsOf(kind, name),
  );
}

export function conflict(kind: Named, name: string, why: string): StatusError {
  const message = `Operation cannot be fulfilled on ${groupResource(kind)} ${goQuoted(name)}: ${why}`;
  return failure(409, 'Conflict', message, detailsOf(kind, name));
}

export const objectModified =
  'the object has been modified; please apply your changes to the latest version and try again';

export function badRequest(message: string): StatusError {
  return failure(400, 'BadRequest', message);
}

export function unauthorized(): StatusError {
  return failure(401, 'Unauthorized', 'Unauthorized');
}

export function forbidden(kind: Named, name: string, why: string): StatusError {
  const message = kind.resource
    ? `${groupResource(kind)}${name ? ` ${goQuoted(name)}` : ''} is forbidden: ${why}`
    : `forbidden: ${why}`;
  return failure(403, 'Forbidden', message, detailsOf(kind, name));
}

export function methodNotAllowed(): StatusError {
  const message = 'the server does not allow this method on the requested resource';
  return failure(405, 'MethodNotAllowed', message, {});
}

export function unsupportedMediaType(message: string): StatusError {
  return failure(415, 'UnsupportedMediaType', message);
}

export function notAcceptable(message: string): StatusError {
  return failure(406, 'NotAcceptable', message);
}

export function requestEntityTooLarge(message: string): StatusError {
  return failure(413, 'RequestEntityTooLarge', message);
}

/** 410 Gone with reason Expired: the resourceVersion or continue token has been compacted. */
export function expired(message: string): StatusError {
  return failure(410, 'Expired', message);
}

export function tooManyRequests(message: string, retryAfterSeconds: number): StatusError {
  return failure(429, 'TooManyRequests', message, { retryAfterSeconds });
}

export function serviceUnavailable(message: string): StatusError {
  return failure(503, 'ServiceUnavailable', message);
}

export function timeout(message: string, retryAfterSeconds = 0): StatusError {
  return failure(504, 'Timeout', `Timeout: ${message}`, retryAfterSeconds ? { retryAfterSeconds } : {});
}

export function internalError(message: string): StatusError {
  return failure(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] });
}

/** An error for which upstream has no code or reason: 500 with the bare message. */
export function unknownError(message: string): StatusError {
  const { reason: _, ...status } = failure(500, '', message).status;
  return new StatusError(status);
}

/** Limit of the length of all causes in a response; later ones are dropped. */
const complaintsLengthMax = 256 * 1024;

/**
 * 422 with one cause per field error, as `errors.NewInvalid`. `groupKind` has the name of the kind, not of the resource.
 */
export function invalid(
  groupKind: { group: string; kind: string },
  name: string,
  errors: readonly FieldError[],
): StatusError {
  const kind = groupKind.group === '' ? groupKind.kind : `${groupKind.kind}.${groupKind.group}`;
  const causes = causesOf(errors);
  // The message has each cause once, the list of causes every one.
  const joined = aggregateText(causes.map(({ field, message }) => `${field}: ${message}`));
  return failure(422, 'Invalid', `${kind} ${goQuoted(name)} is invalid: ${joined}`, {
    ...(name ? { name } : {}),
    ...(groupKind.group ? { group: groupKind.group } : {}),
    ...(groupKind.kind ? { kind: groupKind.kind } : {}),
    causes,
  });
}

function causesOf(errors: readonly FieldError[]): StatusCause[] {
  const causes: StatusCause[] = [];
  let length = 0;
  for (const error of errors) {
    const message = fieldErrorBody(error);
    causes.push({ reason: error.type, message, field: error.field });
    length += message.length + error.field.length;
    if (length > complaintsLengthMax) break;
  }
  return causes;
}
