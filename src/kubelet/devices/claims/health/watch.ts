/**
 * Follows what a driver reports of its devices, as long as it is registered: the optional service `DRAResourceHealth`.
 * Upstream: `HandleWatchResourcesStream` of pkg/kubelet/cm/dra.
 */

import { pause } from '#base/clock.ts';
import type { Env } from '#base/env.ts';
import { errorText } from '#base/text/error-text.ts';
import { PluginChannel } from '../../../grpc/plugin-channel.ts';
import type { Message } from '../../../grpc/service-types.ts';
import type { DeviceHealths, HealthyDevice, ReportedHealth } from './device-health.ts';
import description from './dra-health.gen.json' with { type: 'json' };

const retryMs = 5000;
const timeoutDefaultMs = 30_000;
const messageLengthMax = 1024;

export interface HealthWatchParts {
  readonly env: Env;
  readonly healths: DeviceHealths;
  onChange(driver: string, changed: readonly HealthyDevice[]): void;
}

/** Returns what ends it. A driver without the service is asked again and again, as upstream. */
export function watchHealth(
  parts: HealthWatchParts,
  { driverName, endpoint }: { driverName: string; endpoint: string },
): () => void {
  const ending = new AbortController();
  void follow(parts, driverName, endpoint, ending.signal);
  return () => ending.abort();
}

async function follow(
  parts: HealthWatchParts,
  driver: string,
  endpoint: string,
  signal: AbortSignal,
): Promise<void> {
  const { env } = parts;
  while (!signal.aborted) {
    try {
      await followOnce(parts, driver, endpoint, signal);
    } catch (error) {
      if (signal.aborted) return;
      env.log.debug('the health of devices is unknown', { driver, error: errorText(error) });
    }
    await pause(env.clock, retryMs, signal);
  }
}

async function followOnce(
  { healths, onChange }: HealthWatchParts,
  driver: string,
  endpoint: string,
  signal: AbortSignal,
): Promise<void> {
  const channel = await PluginChannel.open(endpoint, description);
  let hasReported = false;
  const onMessage = (message: Message) => {
    hasReported = true;
    const changed = healths.update(driver, (message['devices'] as Message[]).map(reportOf));
    if (changed.length > 0) onChange(driver, changed);
  };
  try {
    await channel.stream('DRAResourceHealth', 'NodeWatchResources', {}, { onMessage, signal });
  } finally {
    // What a second plugin of the driver reports stays when this one reports nothing.
    if (hasReported) healths.clear(driver);
    await channel.close();
  }
}

const healthNames: Readonly<Record<string, ReportedHealth['health']>> = {
  HEALTHY: 'Healthy',
  UNHEALTHY: 'Unhealthy',
};

function reportOf(report: Message): ReportedHealth {
  const { poolName = '', deviceName = '' } = (report['device'] ?? {}) as Record<string, string>;
  const seconds = Number(report['healthCheckTimeoutSeconds']);
  const message = String(report['message']);
  return {
    pool: poolName,
    device: deviceName,
    health: healthNames[String(report['health'])] ?? 'Unknown',
    message: message.length > messageLengthMax ? `${message.slice(0, messageLengthMax - 3)}...` : message,
    timeoutMs: seconds > 0 ? seconds * 1000 : timeoutDefaultMs,
  };
}
