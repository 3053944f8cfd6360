/** How long pods get to end when the machine shuts down, by priority: `shutdownGracePeriod` and its relatives. */

import { isJsonObject } from '#wire/json/value.ts';
import type { Argument } from '../argument.ts';
import { ConfigurationError } from '../error.ts';

/** Of pods of this priority and more, up to that of the next. */
export interface ShutdownPeriod {
  readonly priority: number;
  readonly graceSeconds: number;
}

export interface ShutdownFields {
  readonly shutdownGracePeriod?: number;
  readonly shutdownGracePeriodCriticalPods?: number;
  readonly shutdownGracePeriodByPodPriority?: readonly ShutdownPeriod[];
}

const int32 = 2 ** 31;
/** That of system-cluster-critical. */
const criticalPriority = 2_000_000_000;

export function shutdownPeriods(description: string): Argument<readonly ShutdownPeriod[]> {
  return {
    description,
    expects: 'a list of { priority, shutdownGracePeriodSeconds }',
    schema: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          priority: { type: 'integer' },
          shutdownGracePeriodSeconds: { type: 'integer', minimum: 0 },
        },
        required: ['priority', 'shutdownGracePeriodSeconds'],
        additionalProperties: false,
      },
    },
    read(value) {
      const periods = Array.isArray(value) ? value.map(periodOf) : [undefined];
      return periods.includes(undefined) ? undefined : (periods as ShutdownPeriod[]);
    },
  };
}

function periodOf(value: unknown): ShutdownPeriod | undefined {
  if (!isJsonObject(value)) return undefined;
  const { priority, shutdownGracePeriodSeconds: graceSeconds, ...more } = value;
  if (Object.keys(more).length > 0) return undefined;
  if (!isWhole(priority, -int32) || !isWhole(graceSeconds, 0)) return undefined;
  return { priority, graceSeconds };
}

function isWhole(value: unknown, min: number): value is number {
  return Number.isInteger(value) && (value as number) >= min && (value as number) < int32;
}

/**
 * In the order of their priorities; empty where pods are not ended before a shutdown. Throws `ConfigurationError`.
 */
export function readShutdownPeriods(fields: ShutdownFields): ShutdownPeriod[] {
  const {
    shutdownGracePeriod: wholeMs = 0,
    shutdownGracePeriodCriticalPods: criticalMs = 0,
    shutdownGracePeriodByPodPriority: periods = [],
  } = fields;
  if (criticalMs > wholeMs) {
    throw invalid('shutdownGracePeriodCriticalPods must be <= shutdownGracePeriod');
  }
  for (const [name, ms] of Object.entries({
    shutdownGracePeriod: wholeMs,
    shutdownGracePeriodCriticalPods: criticalMs,
  })) {
    if (ms > 0 && ms < 1000) throw invalid(`${name} must be either zero or otherwise >= 1 sec`);
  }
  if (periods.length > 0 && wholeMs > 0) {
    throw invalid(
      'Cannot specify both shutdownGracePeriodByPodPriority and shutdownGracePeriod at the same time',
    );
  }
  if (periods.length > 0) return periods.toSorted((a, b) => a.priority - b.priority);
  if (wholeMs === 0) return [];
  return [
    { priority: 0, graceSeconds: Math.floor((wholeMs - criticalMs) / 1000) },
    { priority: criticalPriority, graceSeconds: Math.floor(criticalMs / 1000) },
  ];
}

function invalid(message: string): ConfigurationError {
  return new ConfigurationError(`kubelet: invalid configuration: ${message}`);
}
