/** Builds auditing from the arguments of the API server. */

import type { ApiServerArguments } from '#api/configuration/api-server-arguments.ts';
import type { Env } from '#base/env.ts';
import type { Auditing } from './auditing.ts';
import { type BackendSettings, buildAuditing } from './build-auditing.ts';

/** Undefined if nothing is audited. Throws an Error for invalid arguments. */
export function auditingOf(
  env: Env,
  given: ApiServerArguments,
  readFile: (path: string) => string,
): Auditing | undefined {
  return buildAuditing(
    env,
    {
      policyFile: given['audit-policy-file'],
      log: {
        ...backendOf(given, 'log'),
        path: given['audit-log-path'],
        format: given['audit-log-format'],
        maxAgeDays: given['audit-log-maxage'],
        maxBackups: given['audit-log-maxbackup'],
        maxSizeMegabytes: given['audit-log-maxsize'],
        compress: given['audit-log-compress'],
      },
      webhook: {
        ...backendOf(given, 'webhook'),
        configFile: given['audit-webhook-config-file'],
        initialBackOffMs: given['audit-webhook-initial-backoff'],
      },
    },
    readFile,
  );
}

function backendOf(given: ApiServerArguments, name: 'log' | 'webhook'): BackendSettings {
  return {
    mode: given[`audit-${name}-mode`],
    batchBufferSize: given[`audit-${name}-batch-buffer-size`],
    batchMaxSize: given[`audit-${name}-batch-max-size`],
    batchMaxWaitMs: given[`audit-${name}-batch-max-wait`],
    batchThrottleEnable: given[`audit-${name}-batch-throttle-enable`],
    batchThrottleQps: given[`audit-${name}-batch-throttle-qps`],
    batchThrottleBurst: given[`audit-${name}-batch-throttle-burst`],
    truncateEnabled: given[`audit-${name}-truncate-enabled`],
    truncateMaxBatchSize: given[`audit-${name}-truncate-max-batch-size`],
    truncateMaxEventSize: given[`audit-${name}-truncate-max-event-size`],
  };
}
