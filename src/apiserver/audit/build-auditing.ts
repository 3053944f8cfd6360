/**
 * Builds auditing from the user's settings, with upstream's names and defaults: a policy, and a log file, a
 * webhook, or both.
 */

import type { Env } from '#base/env.ts';
import { readKubeconfig } from '#client/transport/kubeconfig.ts';
import { RotatedFile } from '#host/files/rotated-file.ts';
import { standardOutput } from '#host/files/standard-output.ts';
import { WebhookClient } from '../outgoing/webhook-client.ts';
import { AuditMetrics } from './audit-metrics.ts';
import { Auditing } from './auditing.ts';
import { type BatchOptions, bufferedSink } from './backends/buffered.ts';
import { type LineWriter, type LogFormat, logSink } from './backends/log.ts';
import { truncatingSink } from './backends/truncating.ts';
import { webhookSink } from './backends/webhook.ts';
import { readPolicy } from './read-policy.ts';
import { type AuditSink, unionSink } from './sink.ts';

export const modes = ['batch', 'blocking', 'blocking-strict'] as const;
export type Mode = (typeof modes)[number];

/** Settings of a backend, named by upstream's flags `audit-log-…` and `audit-webhook-…`. */
export interface BackendSettings {
  readonly mode?: Mode | undefined;
  readonly batchBufferSize?: number | undefined;
  readonly batchMaxSize?: number | undefined;
  readonly batchMaxWaitMs?: number | undefined;
  readonly batchThrottleEnable?: boolean | undefined;
  readonly batchThrottleQps?: number | undefined;
  readonly batchThrottleBurst?: number | undefined;
  readonly truncateEnabled?: boolean | undefined;
  readonly truncateMaxBatchSize?: number | undefined;
  readonly truncateMaxEventSize?: number | undefined;
}

export interface AuditSettings {
  readonly policyFile?: string | undefined;
  readonly log?: BackendSettings & {
    /** `-` is the standard output. */
    readonly path?: string | undefined;
    readonly maxAgeDays?: number | undefined;
    readonly maxBackups?: number | undefined;
    readonly maxSizeMegabytes?: number | undefined;
    readonly compress?: boolean | undefined;
    readonly format?: LogFormat | undefined;
  };
  readonly webhook?: BackendSettings & {
    readonly configFile?: string | undefined;
    readonly initialBackOffMs?: number | undefined;
  };
}

const megabyte = 1024 * 1024;
const dayMs = 24 * 3600 * 1000;
const logDefaults = { maxAgeDays: 366, maxBackups: 100, maxSizeMegabytes: 100 };
const queuedMax = 10_000;
/** As upstream: a log file gains nothing from batches. */
const logBatch: BatchOptions = { queuedMax, batchMax: 1, waitMsMax: 0 };
const webhookBatch = {
  queuedMax,
  batchMax: 400,
  waitMsMax: 30_000,
  throttle: { batchesPerSecond: 10, burst: 15 },
};
const truncation = { eventBytesMax: 100 * 1024, batchBytesMax: 10 * megabyte };
const initialBackOffMs = 10_000;

/** Undefined if nothing is audited. Throws an Error for invalid settings. */
export function buildAuditing(
  env: Env,
  settings: AuditSettings,
  readFile: (path: string) => string,
): Auditing | undefined {
  const { policyFile, log, webhook } = settings;
  if (policyFile === undefined) return undefined;
  const policy = policyOf(env, policyFile, readFile);
  const metrics = new AuditMetrics(env.log);
  const sinks = [
    ...(log?.path ? [logBackend(env, log.path, log, metrics)] : []),
    ...(webhook?.configFile ? [webhookBackend(env, webhook.configFile, webhook, metrics, readFile)] : []),
  ];
  if (sinks.length === 0) return undefined;
  return new Auditing({ env, policy, metrics, sink: unionSink(sinks) });
}

function policyOf(env: Env, path: string, readFile: (path: string) => string) {
  try {
    const { policy, warnings } = readPolicy(readFile(path));
    for (const problem of warnings) {
      env.log.warn('the audit policy has an error that is ignored', { problem });
    }
    return policy;
  } catch (error) {
    throw new Error(`loading audit policy file: ${(error as Error).message}: from file ${path}`);
  }
}

function logBackend(
  env: Env,
  path: string,
  settings: NonNullable<AuditSettings['log']>,
  metrics: AuditMetrics,
): AuditSink {
  const { maxAgeDays, maxBackups, maxSizeMegabytes } = { ...logDefaults, ...defined(settings) };
  const writer: LineWriter =
    path === '-'
      ? standardOutput
      : new RotatedFile(env, path, {
          fileBytesMax: maxSizeMegabytes * megabyte,
          ageMsMax: maxAgeDays * dayMs,
          backupsMax: maxBackups,
          compresses: settings.compress === true,
        });
  const sink = logSink(writer, settings.format ?? 'json', metrics);
  return modeOf(
    env,
    truncated(sink, settings, metrics),
    settings.mode ?? 'blocking',
    logBatch,
    settings,
    metrics,
  );
}

function webhookBackend(
  env: Env,
  configFile: string,
  settings: NonNullable<AuditSettings['webhook']>,
  metrics: AuditMetrics,
  readFile: (path: string) => string,
): AuditSink {
  const client = new WebhookClient({
    clock: env.clock,
    resolve: () => {
      throw new Error('the kubeconfig of the audit webhook has a URL, not a service');
    },
    userAgent: 'kube-apiserver',
  });
  const sink = webhookSink({
    env,
    client,
    access: readKubeconfig(configFile, readFile),
    initialBackOffMs: settings.initialBackOffMs ?? initialBackOffMs,
    metrics,
  });
  const mode = settings.mode ?? 'batch';
  return truncated(modeOf(env, sink, mode, webhookBatch, settings, metrics), settings, metrics);
}

function truncated(sink: AuditSink, settings: BackendSettings, metrics: AuditMetrics): AuditSink {
  if (!settings.truncateEnabled) return sink;
  const eventBytesMax = settings.truncateMaxEventSize ?? truncation.eventBytesMax;
  const batchBytesMax = settings.truncateMaxBatchSize ?? truncation.batchBytesMax;
  if (batchBytesMax < eventBytesMax) {
    throw new Error(
      `invalid audit truncate ${sink.name} max batch size ${batchBytesMax}, ` +
        `must be greater than max event size (${eventBytesMax})`,
    );
  }
  return truncatingSink(sink, { eventBytesMax, batchBytesMax }, metrics);
}

function modeOf(
  env: Env,
  sink: AuditSink,
  mode: Mode,
  defaults: BatchOptions,
  settings: BackendSettings,
  metrics: AuditMetrics,
): AuditSink {
  if (mode === 'blocking-strict') return sink;
  if (mode === 'blocking') return ignoringErrors(sink);
  return bufferedSink(env, sink, batchOf(defaults, settings), metrics);
}

function batchOf(defaults: BatchOptions, settings: BackendSettings): BatchOptions {
  const { batchesPerSecond, burst } = defaults.throttle ?? webhookBatch.throttle;
  const isThrottled = settings.batchThrottleEnable ?? defaults.throttle !== undefined;
  return {
    queuedMax: settings.batchBufferSize ?? defaults.queuedMax,
    batchMax: settings.batchMaxSize ?? defaults.batchMax,
    waitMsMax: settings.batchMaxWaitMs ?? defaults.waitMsMax,
    throttle: isThrottled
      ? {
          batchesPerSecond: settings.batchThrottleQps ?? batchesPerSecond,
          burst: settings.batchThrottleBurst ?? burst,
        }
      : undefined,
  };
}

/** Requests wait for the backend, and continue if it fails. */
function ignoringErrors(sink: AuditSink): AuditSink {
  return {
    name: `ignoreErrors<${sink.name}>`,
    process(events) {
      const result = sink.process(events);
      return result instanceof Promise ? result.then(() => true) : true;
    },
    close: () => sink.close(),
  };
}

function defined<T extends object>(settings: T): Partial<T> {
  return Object.fromEntries(
    Object.entries(settings).filter(([, value]) => value !== undefined),
  ) as Partial<T>;
}
