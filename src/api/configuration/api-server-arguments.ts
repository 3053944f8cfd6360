/** All arguments of the API server, by upstream's flag names; each topic has a file in `arguments`. */

import type { Arguments, ValuesOf } from './argument.ts';
import { admissionArguments } from './arguments/admission.ts';
import { auditArguments } from './arguments/audit.ts';
import { authenticationArguments } from './arguments/authentication.ts';
import { authorizationArguments } from './arguments/authorization.ts';
import { encryptionArguments } from './arguments/encryption.ts';
import { fixedArguments } from './arguments/fixed.ts';
import { requestArguments } from './arguments/requests.ts';
import { servingArguments } from './arguments/serving.ts';
import { shutdownArguments } from './arguments/shutdown.ts';

export const apiServerArguments = {
  ...admissionArguments,
  ...auditArguments,
  ...authenticationArguments,
  ...authorizationArguments,
  ...encryptionArguments,
  ...requestArguments,
  ...servingArguments,
  ...shutdownArguments,
  ...fixedArguments,
} satisfies Arguments;

/** Values by name, as far as they are set. */
export type ApiServerArguments = ValuesOf<typeof apiServerArguments>;
