/** Builds the parts of the server that answer requests: the chain of stages, and what its handlers work with. */

import type { Registry } from 'prom-client';
import type { FeatureGates } from '#api/configuration/feature-gates.ts';
import type { RemoteVersion } from '#api/discovery/discovery.ts';
import { apiVersionOf } from '#api/meta/resource.ts';
import { openApi } from '#api/openapi/openapi.ts';
import { loadSchema } from '#api/schema/load-schema.ts';
import { countedElsewhere } from '#base/metrics/metric.ts';
import { kubernetesMinorVersion } from '#base/version.ts';
import type { Aggregation } from '../aggregation/aggregation.ts';
import type { ExtensionServers } from '../aggregation/extension-servers.ts';
import type { Auditing } from '../audit/auditing.ts';
import { EncodedEntries } from '../cache/encoded-entries.ts';
import { handlerChain } from '../chain/handler-chain.ts';
import { RequestChain } from '../chain/request-chain.ts';
import type { Authenticator } from '../contract/authentication.ts';
import type { Authorizer } from '../contract/authorization.ts';
import { noExtensionApis } from '../contract/extension-apis.ts';
import type { HealthCheck } from '../contract/health-check.ts';
import { registerMetrics } from '../contract/register-metrics.ts';
import type { RequestInfo } from '../contract/request-info.ts';
import { Deadlines } from '../flowcontrol/deadlines.ts';
import { registerFlowControl } from '../flowcontrol/exposition/flow-control-metrics.ts';
import { FlowControl } from '../flowcontrol/flow-control.ts';
import { FollowedFlowObjects } from '../flowcontrol/followed-objects.ts';
import { ListSeats } from '../flowcontrol/list-seats.ts';
import type { Shutdown } from '../flowcontrol/shutdown/shutdown.ts';
import { SharedEncodings } from '../list-encodings/shared-encodings.ts';
import { Discovery } from '../non-resource/discovery.ts';
import type { Resources } from '../registry/resources.ts';
import type { ServedResource } from '../registry/served-resource.ts';
import { storageMetrics } from '../registry/storage-metrics.ts';
import { storedSize } from '../registry/stored-size.ts';
import type { HandlerParts } from '../request/exchange.ts';
import { LargeYamlReader } from '../request/large-yaml.ts';
import { Metrics } from '../request/metrics.ts';
import { type RequestSettings, requestSettings } from '../request/request-settings.ts';
import { WatchMetrics } from '../request/watch-metrics.ts';
import type { ServerStorage } from '../storage/server-storage.ts';
import { documentPaths, type ReadDocument } from './documents.ts';

/** Some 150 bytes for each object that was shown in a table lately. */
const tableRowsBytesMax = 32 * 1024 * 1024;

export interface ServingOptions {
  /** With its resources, not started yet. */
  readonly storage: ServerStorage;
  readonly authenticators: readonly Authenticator[];
  readonly authorizers: readonly Authorizer[];
  /** The registry of metrics, which parts made before the server use too. Default: a new one. */
  readonly registry?: Registry;
  /** Default: nothing is audited. */
  readonly audit?: Auditing | undefined;
  readonly featureGates?: FeatureGates;
  /** Further documents, by path: `/openid/v1/jwks`. */
  readonly documents?: Readonly<Record<string, ReadDocument>>;
  /** Default: no requests are proxied to other API servers. */
  readonly aggregation?: Pick<Aggregation, 'servers' | 'apis'>;
  /** Health checks of work that continues after the start, by name. */
  readonly startHooks?: Readonly<Record<string, HealthCheck>>;
  /** Names of metrics that are not shown. */
  readonly hiddenMetrics?: readonly string[];
  /** Default: as without any argument. */
  readonly requests?: RequestSettings;
}

/** The parts that answer requests, over sockets and from inside the process. */
export interface Serving {
  readonly chain: RequestChain;
  readonly parts: HandlerParts;
  readonly largeYaml: LargeYamlReader;
  readonly flowObjects: FollowedFlowObjects;
  readonly extensions: ExtensionServers | undefined;
  readonly metrics: Registry;
}

export function buildServing(
  options: ServingOptions,
  shutdown: Shutdown,
  urlsNow: () => readonly string[],
): Serving {
  const { storage, authenticators, authorizers, audit, featureGates, aggregation } = options;
  const { requests: settings = requestSettings() } = options;
  const { serverClient, resources, env } = storage;
  const { clock } = env;
  const flowControl = new FlowControl(clock, settings.readOnlyMax + settings.mutatingMax, (info) =>
    storedSize(resources, info),
  );
  const metrics = serverMetrics(options, flowControl);
  const largeYaml = new LargeYamlReader();
  const stages = handlerChain({
    clock,
    random: env.random,
    settings,
    metrics,
    shutdown,
    deadlines: new Deadlines(clock),
    authenticators,
    audit,
    authorizers,
    flowControl,
    largeYaml,
    extensions: aggregation?.servers,
    ...(featureGates ? { featureGates } : {}),
    serverClient,
    nonResource: {
      ...pathParts(options, shutdown, settings),
      metrics,
      hiddenMetrics: options.hiddenMetrics ?? [],
      ...(settings.isFair ? { flowControl } : {}),
      extraPaths: documentPaths(options.documents ?? {}, urlsNow),
    },
  });
  return {
    chain: new RequestChain(stages, metrics.stages),
    parts: handlerParts(storage, shutdown, settings, new WatchMetrics(metrics.registry)),
    largeYaml,
    flowObjects: new FollowedFlowObjects(flowControl, storage.feed, env),
    extensions: aggregation?.servers,
    metrics: metrics.registry,
  };
}

/** What the server counts, its own parts and those of its storage. */
function serverMetrics(options: ServingOptions, flowControl: FlowControl): Metrics {
  const { storage, audit, featureGates, aggregation } = options;
  const { resources, env } = storage;
  const counted = {
    inFlight: () => flowControl.readWrite.counts,
    objects: () => countObjects(resources),
    featureGates,
    storedBytes: async () => (await storage.parts.store.stats()).sizeBytes,
    isDeprecated: ({ group, version, resource }: RequestInfo) =>
      resources.find(group, version, resource)?.strategy.deprecation !== undefined,
    isServed: (info: RequestInfo) =>
      isServed(resources, info) || aggregation?.servers.find(info) !== undefined,
  };
  const metrics = new Metrics(counted, options.registry);
  audit?.register(metrics.registry);
  registerMetrics(metrics.registry, [
    ...storageMetrics(resources),
    countedElsewhere('disabled_metrics_total', 'Metrics that the configuration disables.', () => [
      [{}, options.hiddenMetrics?.length ?? 0],
    ]),
  ]);
  registerFlowControl(metrics.registry, flowControl, () => env.clock.monotonicMs());
  return metrics;
}

/** Health, discovery and OpenAPI. */
function pathParts(
  { storage, aggregation, startHooks = {} }: ServingOptions,
  shutdown: Shutdown,
  { livezGraceMs }: RequestSettings,
) {
  const { resources, env } = storage;
  const { cache, store } = storage.parts;
  const apis = aggregation?.apis ?? noExtensionApis;
  const graceEndMs = env.clock.monotonicMs() + livezGraceMs;
  const isInGrace = () => env.clock.monotonicMs() < graceEndMs;
  return {
    health: { cache, store, shutdown, startHooks, isInGrace },
    discovery: new Discovery(resources, apis),
    openApi: openApi(
      () => servedHere(resources.all, apis.remotes),
      kubernetesMinorVersion,
      () => apis,
    ),
  };
}

function handlerParts(
  { parts, feed }: ServerStorage,
  shutdown: Shutdown,
  settings: RequestSettings,
  watchMetrics: WatchMetrics,
): HandlerParts {
  return {
    ...parts,
    feed,
    schema: loadSchema(),
    encodings: new SharedEncodings(),
    encodedEntries: new EncodedEntries(parts.memory),
    tableRows: new EncodedEntries(parts.memory, 'row', tableRowsBytesMax),
    listSeats: new ListSeats(),
    openWatches: shutdown.watches,
    watchMetrics,
    settings,
  };
}

/** Without the versions that an APIService gives to another server, whose documents describe them. */
function servedHere(
  all: readonly ServedResource[],
  remotes: readonly RemoteVersion[],
): readonly ServedResource[] {
  if (remotes.length === 0) return all;
  const elsewhere = new Set(remotes.map(apiVersionOf));
  return all.filter(({ apiVersion }) => !elsewhere.has(apiVersion));
}

function isServed(resources: Resources, { group, version, resource, subresource }: RequestInfo): boolean {
  const def = resources.find(group, version, resource)?.def;
  return (
    def !== undefined && (subresource === '' || def.subresources.some(({ name }) => name === subresource))
  );
}

function countObjects(resources: Resources): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { def, storage } of resources.all) {
    const name = def.group === '' ? def.resource : `${def.resource}.${def.group}`;
    if (storage) counts.set(name, storage.cache.index.size);
  }
  return counts;
}
