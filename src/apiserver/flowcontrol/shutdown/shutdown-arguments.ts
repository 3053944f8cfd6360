/** The shutdown options in the arguments of the API server. */

import type { ApiServerArguments } from '#api/configuration/api-server-arguments.ts';
import type { ShutdownOptions } from './shutdown.ts';

export function shutdownOptions(given: ApiServerArguments): ShutdownOptions {
  return {
    delayMs: given['shutdown-delay-duration'] ?? 0,
    sendsRetryAfter: given['shutdown-send-retry-after'] ?? false,
    watchGraceMs: given['shutdown-watch-termination-grace-period'] ?? 0,
  };
}
