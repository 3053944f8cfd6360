/**
 * What the handlers of non-resource paths use: metrics, health checks, the OpenAPI documents, and further
 * paths.
 */

import type { OpenApi } from '#api/openapi/openapi.ts';
import type { ApiResponse } from '#client/transport/transport.ts';
import type { Store } from '#store/store.ts';
import type { ObjectCache } from '../cache/object-cache.ts';
import type { HealthCheck } from '../contract/health-check.ts';
import type { FlowControl } from '../flowcontrol/flow-control.ts';
import type { Shutdown } from '../flowcontrol/shutdown/shutdown.ts';
import type { Exchange } from '../request/exchange.ts';
import type { Metrics } from '../request/metrics.ts';
import type { Discovery } from './discovery.ts';

export interface NonResourceParts {
  readonly metrics: Metrics;
  /** Names of metrics that are not shown. */
  readonly hiddenMetrics?: readonly string[];
  /** Absent where requests are limited in number alone. */
  readonly flowControl?: FlowControl;
  readonly health: HealthParts;
  readonly discovery: Discovery;
  readonly openApi: OpenApi;
  /** Further paths, by path. */
  readonly extraPaths: Readonly<Record<string, ExtraPath>>;
}

export interface HealthParts {
  readonly cache: Pick<ObjectCache, 'failure'>;
  readonly store: Pick<Store, 'failure'>;
  readonly shutdown: Pick<Shutdown, 'isInitiated'>;
  /** What still goes on after the start: why it is not over yet, if so, by the name of its health check. */
  readonly startHooks: Readonly<Record<string, HealthCheck>>;
  /** `/livez` does not check the start hooks yet. */
  isInGrace(): boolean;
}

export type ExtraPath = (exchange: Exchange) => Promise<ApiResponse> | ApiResponse;
