/** The paths of the server itself: version, health, metrics, discovery, the list of paths. */

import type { Registry } from 'prom-client';
import { methodNotAllowed } from '#api/meta/status.ts';
import type { Clock } from '#base/clock.ts';
import { metricsContentType } from '#base/metrics/health.ts';
import { ownValue } from '#base/own-value.ts';
import { withoutEnding } from '#base/text/without-ending.ts';
import type { ApiResponse } from '#client/transport/transport.ts';
import { rawJsonResponse, textResponse } from '../codec/encode/json-response.ts';
import { NoSuchPage } from '../contract/plain-refusal.ts';
import type { Exchange } from '../request/exchange.ts';
import { isDiscovery } from './discovery.ts';
import { answerFlowControlDump, isFlowControlDump } from './flow-control-dumps.ts';
import { answerHealth } from './health.ts';
import { healthChecks, healthRoots, isHealth } from './health-checks.ts';
import { answerOpenApi, isOpenApi } from './openapi.ts';
import type { NonResourceParts } from './parts.ts';
import { versionInfo } from './version.ts';

type PathHandler = (parts: NonResourceParts, exchange: Exchange) => Promise<ApiResponse> | ApiResponse;

const paths: Readonly<Record<string, PathHandler>> = {
  '/': listPaths,
  '/metrics': metrics,
  '/metrics/slis': healthMetrics,
};

export function answerPath(parts: NonResourceParts, exchange: Exchange): Promise<ApiResponse> | ApiResponse {
  const { path, verb } = exchange.info;
  const handler = extraHandler(parts, path) ?? handlerOf(path);
  if (!handler) throw new NoSuchPage();
  if (verb !== 'get' && verb !== 'head') throw methodNotAllowed();
  return handler(parts, exchange);
}

function extraHandler({ extraPaths }: NonResourceParts, path: string): PathHandler | undefined {
  const extra = extraPaths[withoutSlash(path)];
  return extra && ((_, exchange) => extra(exchange));
}

/** What upstream registers with go-restful may end in a slash; health, metrics and OpenAPI may not. */
function withoutSlash(path: string): string {
  return withoutEnding(path, '/', 1);
}

function handlerOf(path: string): PathHandler | undefined {
  if (withoutSlash(path) === '/version') return answerVersion;
  if (isHealth(path)) {
    return ({ health, metrics }, exchange) => answerHealth(health, metrics.health, exchange);
  }
  if (isFlowControlDump(path)) {
    return ({ flowControl }, exchange) => {
      if (!flowControl) throw new NoSuchPage();
      return answerFlowControlDump(flowControl, exchange);
    };
  }
  if (isOpenApi(path)) return ({ openApi }, exchange) => answerOpenApi(openApi, exchange);
  if (isDiscovery(path)) return ({ discovery }, exchange) => discovery.answer(exchange);
  return ownValue(paths, path);
}

/** Every path that can be requested without naming a resource. */
function listPaths({ extraPaths, health }: NonResourceParts, { parts }: Exchange): ApiResponse {
  const list = [
    '/api',
    '/apis',
    '/openapi/v2',
    '/openapi/v3',
    ...Object.keys(extraPaths),
    ...healthRoots.map((root) => `/${root}`),
  ];
  for (const { def, apiVersion } of parts.resources.all) {
    if (def.group === '') list.push(`/api/${apiVersion}`);
    else list.push(`/apis/${def.group}`, `/apis/${apiVersion}`);
  }
  list.push('/metrics', '/metrics/slis', '/openapi/v3/', '/version');
  for (const root of healthRoots) {
    for (const name of healthChecks(health, root).keys()) list.push(`/${root}/${name}`);
  }
  return rawJsonResponse(200, { paths: [...new Set(list)].sort() });
}

function answerVersion(): ApiResponse {
  return rawJsonResponse(200, versionInfo());
}

async function metrics(
  { metrics: { registry }, hiddenMetrics = [] }: NonResourceParts,
  { parts, trusted }: Exchange,
): Promise<ApiResponse> {
  for (const name of hiddenMetrics) registry.removeSingleMetric(name);
  // A caller inside this process may ask twice within a turn, with other requests in between.
  const text = trusted ? registry.metrics() : metricsText(registry, parts.env.clock);
  return textResponse(200, await text, registry.contentType);
}

const textsOfThisTurn = new WeakMap<Registry, Promise<string>>();

/** Requests of one turn of the event loop get the same text: to write it takes the thread for ten milliseconds. */
function metricsText(registry: Registry, clock: Clock): Promise<string> {
  const known = textsOfThisTurn.get(registry);
  if (known) return known;
  const text = registry.metrics();
  textsOfThisTurn.set(registry, text);
  clock.nextTurn(() => textsOfThisTurn.delete(registry));
  return text;
}

function healthMetrics({ metrics }: NonResourceParts): ApiResponse {
  return textResponse(200, metrics.health.text, metricsContentType);
}
