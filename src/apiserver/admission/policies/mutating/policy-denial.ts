/** The error of a request that policies could not mutate: the first policy error is the message, all are causes. */

import { forbidden, StatusError } from '#api/meta/status.ts';
import type { AdmissionAttributes } from '../../../contract/admission.ts';

export interface PolicyError {
  readonly policy: string;
  /** Undefined if the policy itself cannot be used. */
  readonly binding: string | undefined;
  readonly message: string;
  readonly reason?: string;
}

/** The code stays 403, whatever the reason is. */
export function policyDenial(
  { type, name }: AdmissionAttributes,
  errors: readonly [PolicyError, ...PolicyError[]],
) {
  const { status } = forbidden(type, name, 'admission request denied by policy');
  const [first] = errors;
  return new StatusError({
    ...status,
    message: textOf(first),
    ...(first.reason === undefined ? {} : { reason: first.reason }),
    details: { ...status.details, causes: errors.map((error) => ({ message: textOf(error) })) },
  });
}

function textOf({ policy, binding, message }: PolicyError): string {
  if (binding === undefined) return `policy ${JSON.stringify(policy)} denied request: ${message}`;
  return `policy '${policy}' with binding '${binding}' denied request: ${message}`;
}
