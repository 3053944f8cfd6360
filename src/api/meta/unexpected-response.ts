/** The error of an answer without Status, by its code, in the words of Go's REST client (`NewGenericServerResponse`). */

import { goQuoted } from '#wire/json/go-values.ts';
import { StatusError } from './status.ts';

const byCode: Readonly<Record<number, readonly [reason: string, message?: string]>> = {
  400: ['BadRequest', 'the server rejected our request for an unknown reason'],
  401: ['Unauthorized', 'the server has asked for the client to provide credentials'],
  403: ['Forbidden'],
  404: ['NotFound', 'the server could not find the requested resource'],
  405: ['MethodNotAllowed', 'the server does not allow this method on the requested resource'],
  406: ['NotAcceptable'],
  409: ['AlreadyExists', 'the server reported a conflict'],
  415: ['UnsupportedMediaType'],
  422: ['Invalid', 'the server rejected our request due to an error in our request'],
  429: ['TooManyRequests', 'the server has received too many requests and has asked us to try again later'],
  503: ['ServiceUnavailable', 'the server is currently unable to handle the request'],
  504: [
    'Timeout',
    'the server was unable to return a response in the time allotted, but may still be processing the request',
  ],
};

const causeReason = 'UnexpectedServerResponse';

/** `text`: of the body, or `unknown`. */
export function unexpectedResponse(code: number, text: string, retryAfterSeconds = 0): StatusError {
  const [reason, message] = byCode[code] ?? [
    code >= 500 ? 'InternalError' : 'Unknown',
    code >= 500
      ? `an error on the server (${goQuoted(text)}) has prevented the request from succeeding`
      : `the server responded with the status code ${code} but did not return more information`,
  ];
  return new StatusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: message ?? text,
    reason,
    details: {
      causes: [{ reason: causeReason, message: text }],
      ...(retryAfterSeconds > 0 ? { retryAfterSeconds } : {}),
    },
    code,
  });
}

/** Whether the server said no more than the code. */
export function isUnexpectedResponse({ status }: StatusError): boolean {
  return status.details?.causes?.some(({ reason }) => reason === causeReason) ?? false;
}
