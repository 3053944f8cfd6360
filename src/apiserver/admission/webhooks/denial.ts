/** A webhook's no, as the caller is answered it: its own Status, with the name of the webhook before its message. */

import { type Status, StatusError } from '#api/meta/status.ts';

const codeMin = 400;

/** Distinguished from what the server refuses of itself. */
export class Denied extends StatusError {
  override name = 'Denied';
}

export function denial(hookName: string, result: Partial<Status> | undefined): Denied {
  const { status, code = 0, message, reason } = result ?? {};
  const why = message || reason;
  const deniedBy = `admission webhook "${hookName}" denied the request`;
  return new Denied({
    ...result,
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    // Not "Success", nor a code that says so.
    status: !status || status === 'Success' ? 'Failure' : status,
    message: why ? `${deniedBy}: ${why}` : `${deniedBy} without explanation`,
    code: Math.max(code, codeMin),
  });
}
