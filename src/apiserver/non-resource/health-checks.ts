/** The health checks of the server, by name: each returns why it fails now, if it does. */

import type { HealthCheck } from '../contract/health-check.ts';
import type { HealthParts } from './parts.ts';

export const healthRoots = ['livez', 'readyz', 'healthz'] as const;
export type HealthRoot = (typeof healthRoots)[number];

export function isHealth(path: string): boolean {
  return healthRoots.some((root) => path === `/${root}` || path.startsWith(`/${root}/`));
}

/**
 * In upstream's order. Only `readyz` asks whether requests should come here; the others, whether the process
 * is well.
 */
export function healthChecks(parts: HealthParts, root: HealthRoot): ReadonlyMap<string, HealthCheck> {
  const { cache, store, shutdown, startHooks } = parts;
  const isReadyz = root === 'readyz';
  const isInGrace = root === 'livez' && parts.isInGrace();
  // What is watched is as much of the store as clients see; what it can write, it alone knows.
  const storeFailure = () => (cache.failure ?? store.failure())?.message;
  return new Map<string, HealthCheck>([
    ['ping', wellWhenAsked],
    ['log', wellWhenAsked],
    ['etcd', storeFailure],
    ...(isReadyz ? readyzOnly(storeFailure) : []),
    ...Object.entries(startHooks).map(([name, check]) => [name, isInGrace ? wellWhenAsked : check] as const),
    ...(isReadyz ? [['shutdown', () => shuttingDown(shutdown)] as const] : []),
  ]);
}

function readyzOnly(storeFailure: HealthCheck): [string, HealthCheck][] {
  return [
    ['etcd-readiness', storeFailure],
    // The server takes no request before its cache is loaded.
    ['informer-sync', wellWhenAsked],
  ];
}

/** The check passes as long as the server answers at all. */
function wellWhenAsked(): undefined {}

function shuttingDown({ isInitiated }: HealthParts['shutdown']): string | undefined {
  return isInitiated ? 'process is shutting down' : undefined;
}
