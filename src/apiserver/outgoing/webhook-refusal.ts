/** The error of an unsuccessful answer, as Go's REST client makes it: the Status in its body, or its code. */

import { type Status, StatusError } from '#api/meta/status.ts';
import { goQuoted } from '#wire/json/go-values.ts';

/** Upstream's limit of the body's text that an error repeats. */
const textMaxBytes = 2048;

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

export function refusalOf(
  code: number,
  contentType: string,
  body: Buffer,
  retryAfter: string | string[] | undefined,
): StatusError | undefined {
  if (code >= 200 && code <= 206) return undefined;
  return new StatusError(statusIn(body) ?? statusOf(code, contentType, body, Number(retryAfter ?? 0) || 0));
}

function statusIn(body: Buffer): Status | undefined {
  try {
    const status = JSON.parse(body.toString()) as Partial<Status> | null;
    const isStatus = (status?.kind ?? 'Status') === 'Status' && status?.status === 'Failure';
    return isStatus ? (status as Status) : undefined;
  } catch {
    return undefined;
  }
}

function statusOf(code: number, contentType: string, body: Buffer, retryAfterSeconds: number): Status {
  const isText = contentType === '' || /^\s*text\//i.test(contentType);
  const text = isText ? body.subarray(0, textMaxBytes).toString().trim() : 'unknown';
  const [reason, message] = byCode[code] ?? [
    code >= 500 ? 'InternalError' : 'Unknown',
    code >= 500
      ? `an error on the server (${goQuoted(text)}) has prevented the request from succeeding`
      : `the server responded with the status code ${code} but did not return more information`,
  ];
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: message ?? text,
    reason,
    details: {
      causes: [{ reason: 'UnexpectedServerResponse', message: text }],
      ...(retryAfterSeconds > 0 ? { retryAfterSeconds } : {}),
    },
    code,
  };
}
