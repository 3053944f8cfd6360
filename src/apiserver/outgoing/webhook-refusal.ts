/** The error of an unsuccessful answer, as Go's REST client makes it: the Status in its body, or its code. */

import { type Status, StatusError } from '#api/meta/status.ts';
import { unexpectedResponse } from '#api/meta/unexpected-response.ts';

/** Upstream's limit of the body's text that an error repeats. */
const textMaxBytes = 2048;

export function refusalOf(
  code: number,
  contentType: string,
  body: Buffer,
  retryAfter: string | string[] | undefined,
): StatusError | undefined {
  if (code >= 200 && code <= 206) return undefined;
  const status = statusIn(body);
  if (status) return new StatusError(status);
  const isText = contentType === '' || /^\s*text\//i.test(contentType);
  const text = isText ? body.subarray(0, textMaxBytes).toString().trim() : 'unknown';
  return unexpectedResponse(code, text, Number(retryAfter ?? 0) || 0);
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
