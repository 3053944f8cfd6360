/** The paths of the server itself: version, health, metrics, discovery, the list of paths. */

import { noSuchPath } from '#api/status.ts';
import type { ApiResponse } from '#client/transport.ts';
import { jsonResponse, textResponse } from '../encode/json-response.ts';
import type { Exchange } from '../exchange.ts';
import { methodNotAllowed } from '../handlers/target.ts';
import { answerDiscovery, isDiscovery } from './discovery.ts';
import { answerHealth } from './health.ts';
import { versionInfo } from './version.ts';

type PathHandler = (exchange: Exchange) => Promise<ApiResponse> | ApiResponse;

const paths: Readonly<Record<string, PathHandler>> = {
  '/': listPaths,
  '/version': () => jsonResponse(200, versionInfo()),
  '/metrics': metrics,
};
const healthRoots = ['/livez', '/readyz', '/healthz'];

export function answerPath(exchange: Exchange): Promise<ApiResponse> | ApiResponse {
  const { path, verb } = exchange.info;
  const trimmed = path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
  const handler = handlerOf(trimmed);
  if (!handler) throw noSuchPath();
  if (verb !== 'get' && verb !== 'head') throw methodNotAllowed();
  return handler(exchange);
}

function handlerOf(path: string): PathHandler | undefined {
  if (isHealth(path)) return answerHealth;
  return isDiscovery(path) ? answerDiscovery : paths[path];
}

function isHealth(path: string): boolean {
  return healthRoots.some((root) => path === root || path.startsWith(`${root}/`));
}

function listPaths(): ApiResponse {
  return jsonResponse(200, { paths: [...Object.keys(paths), ...healthRoots].sort() });
}

async function metrics({ core }: Exchange): Promise<ApiResponse> {
  const { registry } = core.metrics;
  return textResponse(200, await registry.metrics(), registry.contentType);
}
