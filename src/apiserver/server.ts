/** Starts an API server over a store: reachable from inside the process at once, and over HTTPS if it has an address. */

import type { Registry } from 'prom-client';
import type { FeatureGates } from '#api/configuration/feature-gates.ts';
import type { UserInfo } from '#api/meta/user.ts';
import { openApi } from '#api/openapi/openapi.ts';
import { loadSchema } from '#api/schema/load-schema.ts';
import { Turns } from '#base/turns.ts';
import { kubernetesVersion } from '#base/version.ts';
import type { ApiRequest, Transport } from '#client/transport/transport.ts';
import type { HttpLimits } from '#host/http/limits.ts';
import type { Aggregation } from './aggregation/aggregation.ts';
import type { ExtensionServers } from './aggregation/extension-servers.ts';
import type { Auditing } from './audit/auditing.ts';
import { EncodedEntries } from './cache/encoded-entries.ts';
import { handlerChain } from './chain/handler-chain.ts';
import { RequestChain } from './chain/request-chain.ts';
import { textResponse } from './codec/encode/json-response.ts';
import type { Authenticator, Peer } from './contract/authentication.ts';
import type { Authorizer } from './contract/authorization.ts';
import { noExtensionApis } from './contract/extension-apis.ts';
import type { HealthCheck } from './contract/health-check.ts';
import { NoSuchPage } from './contract/plain-refusal.ts';
import type { ServerClient } from './contract/server-client.ts';
import type { ObjectFeed, ObjectReader } from './contract/stored-objects.ts';
import { Deadlines } from './flowcontrol/deadlines.ts';
import { registerFlowControl } from './flowcontrol/exposition/flow-control-metrics.ts';
import { FlowControl } from './flowcontrol/flow-control.ts';
import { FollowedFlowObjects } from './flowcontrol/followed-objects.ts';
import { ListSeats } from './flowcontrol/list-seats.ts';
import { promptShutdown, Shutdown, type ShutdownOptions } from './flowcontrol/shutdown/shutdown.ts';
import type { Answerer, TlsFiles } from './http/listener.ts';
import { type Address, Listeners } from './http/listeners.ts';
import { answerUpgrade } from './http/upgrade.ts';
import { SharedEncodings } from './list-encodings/shared-encodings.ts';
import { Discovery } from './non-resource/discovery.ts';
import type { ExtraPath } from './non-resource/parts.ts';
import type { Resources } from './registry/resources.ts';
import { storedSize } from './registry/stored-size.ts';
import { beginExchange, type Connection, type HandlerParts } from './request/exchange.ts';
import { LargeYamlReader } from './request/large-yaml.ts';
import { Metrics } from './request/metrics.ts';
import { parseRequest } from './request/parse-request.ts';
import { type RequestSettings, requestSettings } from './request/request-settings.ts';
import type { ServerStorage } from './storage/server-storage.ts';
import { findSpecial } from './subresources/find-special.ts';

/** Some 150 bytes for each object that was shown in a table lately. */
const tableRowsBytesMax = 32 * 1024 * 1024;

export interface ApiServerOptions {
  /** With its resources, not started yet. */
  readonly storage: ServerStorage;
  readonly authenticators: readonly Authenticator[];
  readonly authorizers: readonly Authorizer[];
  /** The registry of metrics, which parts made before the server use too. Default: a new one. */
  readonly registry?: Registry;
  /** Default: nothing is audited. */
  readonly audit?: Auditing | undefined;
  readonly listen?: readonly Address[];
  readonly featureGates?: FeatureGates;
  /** PEM. Required to listen. */
  readonly tls?: TlsFiles;
  /** Default: `httpLimits`. */
  readonly httpLimits?: Partial<HttpLimits>;
  /** Further documents, by path: `/openid/v1/jwks`. */
  readonly documents?: Readonly<Record<string, ReadDocument>>;
  /** Default: no requests are proxied to other API servers. */
  readonly aggregation?: Pick<Aggregation, 'servers' | 'apis'>;
  /** Health checks of work that continues after the start, by name. */
  readonly startHooks?: Readonly<Record<string, HealthCheck>>;
  /** Default: as without any argument. */
  readonly requests?: RequestSettings;
  /** Default: without a delay. */
  readonly shutdown?: ShutdownOptions;
}

/** `urls`: the addresses at which the server listens. Undefined for an unknown path. */
type ReadDocument = (request: ApiRequest, urls: readonly string[]) => Promise<ExtraDocument | undefined>;

interface ExtraDocument {
  readonly contentType: string;
  readonly body: unknown;
}

export interface ApiServer {
  /** In-process calls as `user`: authenticated already, still authorized. */
  transport(user: UserInfo): Transport;
  readonly reader: ObjectReader;
  readonly feed: ObjectFeed;
  readonly serverClient: ServerClient;
  /** Resolves when `reader` and `feed` show all objects that are stored now. */
  fresh(): Promise<void>;
  /** Applies the stored FlowSchemas and PriorityLevelConfigurations. */
  readonly flowObjects: FollowedFlowObjects;
  /** The served resources; a resource that is added is served at once. */
  readonly resources: Resources;
  listen(address: Address): Promise<{ port: number }>;
  /** Sets the certificate of new connections. */
  renewTls(tls: TlsFiles): void;
  readonly urls: readonly string[];
  /** `stop` calls the functions when all requests have been answered, the last one first. */
  beforeStop(stop: () => void | Promise<void>): void;
  /** `/readyz` fails from now on, and the shutdown delay begins; `stop` waits for the rest of it. */
  initiateStop(): void;
  stop(): Promise<void>;
}

export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const { storage, tls, httpLimits: limits } = options;
  const { clock } = storage.env;
  const shutdown = new Shutdown(clock, options.shutdown ?? promptShutdown);
  const listeners = new Listeners({ clock, tls, limits });
  const serving = buildServing(options, listeners, shutdown);
  const answerer = answererOf(serving);
  const turns = new Turns(clock);
  const stops: (() => void | Promise<void>)[] = [];
  await storage.start();
  serving.flowObjects.start();

  async function stop(): Promise<void> {
    await shutdown.initiate();
    if (!shutdown.options.sendsRetryAfter) listeners.refuse();
    await shutdown.drain();
    for (const first of stops.splice(0).reverse()) await first();
    serving.largeYaml.stop();
    serving.flowObjects.stop();
    await listeners.close();
    storage.stop();
    await options.audit?.close();
  }

  try {
    for (const address of options.listen ?? []) await listeners.open(address, answerer);
  } catch (error) {
    await stop();
    throw error;
  }
  const { reader, feed, serverClient, resources } = storage;
  return {
    transport: (user) => inProcessTransport(serving, user, turns),
    reader,
    feed,
    serverClient,
    fresh: () => storage.fresh(),
    flowObjects: serving.flowObjects,
    resources,
    listen: (address) => listeners.open(address, answerer),
    renewTls: (renewed) => listeners.renew(renewed),
    get urls() {
      return listeners.urls;
    },
    beforeStop: (first) => void stops.push(first),
    initiateStop: () => void shutdown.initiate(),
    stop,
  };
}

/** The parts that answer requests, over sockets and from inside the process. */
interface Serving {
  readonly chain: RequestChain;
  readonly parts: HandlerParts;
  readonly largeYaml: LargeYamlReader;
  readonly flowObjects: FollowedFlowObjects;
  readonly extensions: ExtensionServers | undefined;
}

function buildServing(options: ApiServerOptions, listeners: Listeners, shutdown: Shutdown): Serving {
  const { storage, authenticators, authorizers, audit, featureGates } = options;
  const { documents = {}, startHooks = {}, aggregation, requests: settings = requestSettings() } = options;
  const apis = aggregation?.apis ?? noExtensionApis;
  const { serverClient, resources, env } = storage;
  const { clock } = env;
  const { cache, store } = storage.parts;
  const flowControl = new FlowControl(clock, settings.readOnlyMax + settings.mutatingMax, (info) =>
    storedSize(resources, info),
  );
  const counted = { inFlight: () => flowControl.readWrite.counts, objects: () => countObjects(resources) };
  const metrics = new Metrics(counted, options.registry);
  audit?.register(metrics.registry);
  registerFlowControl(metrics.registry, flowControl, () => clock.monotonicMs());
  const largeYaml = new LargeYamlReader();
  const graceEndMs = clock.monotonicMs() + settings.livezGraceMs;
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
      metrics,
      ...(settings.isFair ? { flowControl } : {}),
      health: { cache, store, shutdown, startHooks, isInGrace: () => clock.monotonicMs() < graceEndMs },
      discovery: new Discovery(resources, apis),
      openApi: openApi(
        () => resources.all,
        kubernetesVersion,
        () => apis,
      ),
      extraPaths: mapValues(documents, (read) => documentPath(read, listeners)),
    },
  });
  const encodings = new SharedEncodings();
  return {
    chain: new RequestChain(stages, metrics.stages),
    parts: {
      ...storage.parts,
      schema: loadSchema(),
      encodings,
      encodedEntries: new EncodedEntries(storage.parts.memory),
      tableRows: new EncodedEntries(storage.parts.memory, 'row', tableRowsBytesMax),
      listSeats: new ListSeats(),
      openWatches: shutdown.watches,
      settings,
    },
    largeYaml,
    flowObjects: new FollowedFlowObjects(flowControl, storage.feed, env),
    extensions: aggregation?.servers,
  };
}

function documentPath(read: ReadDocument, listeners: Listeners): ExtraPath {
  return async ({ request }) => {
    const document = await read(request, listeners.urls);
    if (!document) throw new NoSuchPage();
    const answer = textResponse(200, JSON.stringify(document.body), document.contentType);
    // Keys are rotated: clients must not cache them for ever.
    return { ...answer, headers: { ...answer.headers, 'cache-control': 'public, max-age=3600' } };
  };
}

function mapValues<A, B>(record: Readonly<Record<string, A>>, map: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}

function countObjects(resources: Resources): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { def, storage } of resources.all) {
    const name = def.group === '' ? def.resource : `${def.resource}.${def.group}`;
    if (storage) counts.set(name, storage.cache.index.size);
  }
  return counts;
}

function answererOf({ chain, parts, extensions }: Serving): Answerer {
  return {
    answer(request, peer) {
      const receive = () => request.receive();
      const incomingBody = () => request.incomingBody();
      return chain.answer(beginExchange(parts, { request, peer, receive, incomingBody }));
    },
    connected: () => parts.steps.giveWay(),
    failed(error: Error): void {
      parts.env.log.error('an answer could not be sent', { error: error.stack ?? error.message });
    },
    mayUpgrade(method, url, protocol) {
      const info = parseRequest(method, url);
      if (info.verb === 'watch' && protocol.toLowerCase() === 'websocket') return true;
      return findSpecial(parts, info)?.upgrade !== undefined || extensions?.find(info) !== undefined;
    },
    upgrade(request, peer, message, socket, head) {
      const connection: Connection = { message, socket, head, isTakenOver: false };
      void answerUpgrade(chain, beginExchange(parts, { request, peer, connection }), connection);
    },
  };
}

/** Requests from inside the process wait for no socket, so they have to yield to other requests. */
function inProcessTransport({ chain, parts }: Serving, user: UserInfo, turns: Turns): Transport {
  const peer: Peer = {};
  const serve = (request: ApiRequest) => chain.answer(beginExchange(parts, { request, peer, user }));
  return {
    request: (request) => (turns.isSpent ? turns.next().then(() => serve(request)) : serve(request)),
    close: async () => {},
  };
}
