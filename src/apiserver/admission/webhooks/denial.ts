/** The error of a request that a webhook denied: the webhook's Status, with its name before the message. */

import { type Status, StatusError } from '#api/meta/status.ts';

const codeMin = 400;
/** The greatest that can be sent; Go's server breaks the connection beyond. */
const codeMax = 999;

/** Distinguishes a webhook's denial from errors of the server itself. */
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
    // A denial is never "Success", nor has it a code of success.
    status: !status || status === 'Success' ? 'Failure' : status,
    message: why ? `${deniedBy}: ${why}` : `${deniedBy} without explanation`,
    code: Math.min(Math.max(code, codeMin), codeMax),
  });
}
