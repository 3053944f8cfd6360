/** Starts an API server over a store: reachable from inside the process at once, and over HTTPS where asked to. */

import { anonymous, type UserInfo } from '#api/meta/user.ts';
import { openApi } from '#api/openapi/openapi.ts';
import { loadSchema } from '#api/schema/load-schema.ts';
import type { Env } from '#base/env.ts';
import { Turns } from '#base/turns.ts';
import { kubernetesVersion } from '#base/version.ts';
import type { ApiRequest, Transport } from '#client/transport/transport.ts';
import { type HttpLimits, httpLimits } from '#host/http/limits.ts';
import type { MemoryWatch } from '#host/processes/memory-watch.ts';
import type { Store } from '#store/store.ts';
import { ObjectCache } from './cache/object-cache.ts';
import { repairNames } from './cache/repair-names.ts';
import { findSpecial } from './chain/dispatch.ts';
import { parseRequest } from './chain/parse-request.ts';
import { answer } from './chain/request-chain.ts';
import { textResponse } from './codec/encode/json-response.ts';
import type {
  AdmissionPlugin,
  Authenticator,
  Authorizer,
  HealthCheck,
  ObjectFeed,
  ObjectReader,
  Peer,
  Registry,
  SpecialHandler,
  StorageHooks,
} from './contract/contract.ts';
import { NoSuchPage } from './contract/plain-refusal.ts';
import { SharedEncodings } from './encodings/shared-encodings.ts';
import { StepQueue } from './encodings/step-queue.ts';
import { Activity } from './flowcontrol/activity.ts';
import { Deadlines } from './flowcontrol/deadlines.ts';
import { InFlight } from './flowcontrol/in-flight.ts';
import type { IncomingRequest } from './http/incoming-request.ts';
import { type Answerer, type Listener, listen, type TlsFiles } from './http/listener.ts';
import { takeOver } from './http/upgrade.ts';
import { builtInKinds } from './registry/built-in.ts';
import { Resources } from './registry/resources.ts';
import type { StorageParts } from './registry/storage-parts.ts';
import type { Core, Exchange, ExtraPath } from './request/exchange.ts';
import { LargeYamlReader } from './request/large-yaml.ts';
import { Metrics } from './request/metrics.ts';
import { Warnings } from './request/warnings.ts';
import { startEventExpiry } from './storage/event-expiry.ts';
import { makeFeed, makeReader, makeRegistry } from './storage/registry.ts';

export interface ApiServerOptions {
  readonly env: Env;
  /** Stays the caller's: `stop` does not close it. */
  readonly store: Store;
  readonly authenticators: readonly Authenticator[];
  readonly authorizers: readonly Authorizer[];
  readonly admission: (parts: ServerParts) => readonly AdmissionPlugin[];
  readonly specialHandlers: readonly SpecialHandler[];
  readonly storageHooks: (parts: ServerParts) => readonly StorageHooks[];
  readonly listen?: readonly { readonly host: string; readonly port: number }[];
  /** PEM. Needed to listen. */
  readonly tls?: TlsFiles;
  /** Default: `httpLimits`. */
  readonly httpLimits?: Partial<HttpLimits>;
  /** Further documents, by path: `/openid/v1/jwks`. Undefined: no such path. */
  readonly documents?: Readonly<Record<string, (request: ApiRequest) => Promise<ExtraDocument | undefined>>>;
  /** Default never short. */
  readonly memory?: Omit<MemoryWatch, 'stop'>;
  /** What still goes on after the start: why it is not over yet, if so, by the name of its health check. */
  readonly startHooks?: Readonly<Record<string, HealthCheck>>;
}

/** What parts that are given from outside may use of the server. */
export interface ServerParts {
  readonly env: Env;
  readonly reader: ObjectReader;
  readonly feed: ObjectFeed;
  readonly registry: Registry;
  readonly resources: Resources;
}

interface ExtraDocument {
  readonly contentType: string;
  readonly body: unknown;
}

export interface ApiServer {
  /** In-process calls as `user`: authenticated already, still authorized. */
  transport(user: UserInfo): Transport;
  readonly reader: ObjectReader;
  readonly feed: ObjectFeed;
  readonly registry: Registry;
  /** Resolves when `reader` and `feed` show everything that is stored now. */
  fresh(): Promise<void>;
  /** What is served; what is added here is served at once. */
  readonly resources: Resources;
  listen(address: { host: string; port: number }): Promise<{ port: number }>;
  /** New connections get this certificate. */
  renewTls(tls: TlsFiles): void;
  readonly urls: readonly string[];
  stop(): Promise<void>;
}

/** Upstream's, for its logs; here for the answer too, whose header has less room than that of a request. */
const auditIdLengthMax = 64;

/** Requests under way may end before their connections do. */
const stopGraceMs = 2000;

export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const stopping = new AbortController();
  const core = buildCore(options, stopping.signal);
  const turns = new Turns(options.env.clock);
  await core.cache.start();
  for (const cache of core.cache.caches())
    await repairNames(options.env, options.store, cache.takeMisnamed());
  const stopExpiry = startEventExpiry(core);
  const listeners: Listener[] = [];
  let tls = options.tls;

  async function open(address: { host: string; port: number }): Promise<{ port: number }> {
    if (!tls) throw new Error('listening needs a certificate');
    const limits = { ...httpLimits, ...options.httpLimits };
    const listener = await listen({ ...address, clock: options.env.clock, limits }, tls, answererOf(core));
    listeners.push(listener);
    return { port: listener.port };
  }

  async function stop(): Promise<void> {
    stopping.abort();
    stopExpiry();
    await core.activity.idle(stopGraceMs);
    core.largeYaml.stop();
    await Promise.all(listeners.map((listener) => listener.close()));
    core.cache.stop();
  }

  try {
    for (const address of options.listen ?? []) await open(address);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    transport: (user) => inProcessTransport(core, user, turns),
    reader: core.reader,
    feed: makeFeed(core.resources),
    registry: core.registry,
    fresh: async () => core.cache.fresh(),
    resources: core.resources,
    listen: open,
    renewTls(renewed) {
      tls = renewed;
      for (const listener of listeners) listener.renew(renewed);
    },
    get urls() {
      return listeners.map(({ host, port }) => `https://${host.includes(':') ? `[${host}]` : host}:${port}`);
    },
    stop,
  };
}

function buildCore(options: ApiServerOptions, stopping: AbortSignal): Core {
  const { env } = options;
  const schema = loadSchema();
  const inFlight = new InFlight();
  const storage = buildStorage(options);
  const { resources, reader } = storage;
  const registry = makeRegistry(storage);
  const parts = { env, reader, registry, resources, feed: makeFeed(resources) };
  resources.begin(builtInKinds(schema, options.specialHandlers, options.storageHooks(parts)));
  storage.admission.push(...options.admission(parts));
  return {
    ...storage,
    schema,
    authenticators: options.authenticators,
    authorizers: options.authorizers,
    inFlight,
    encodings: new SharedEncodings(),
    largeYaml: new LargeYamlReader(),
    activity: new Activity(env.clock),
    deadlines: new Deadlines(env.clock),
    metrics: new Metrics({ inFlight: () => inFlight, objects: () => countObjects(resources) }),
    registry,
    openApi: openApi(() => resources.all, kubernetesVersion),
    extraPaths: mapValues(options.documents ?? {}, documentPath),
    stopping,
    startHooks: options.startHooks ?? {},
  };
}

/** The admission plugins come last: some of them read and write through the storage whose writes they judge. */
function buildStorage({
  env,
  store,
  memory,
}: ApiServerOptions): StorageParts & { admission: AdmissionPlugin[] } {
  const cache = new ObjectCache(env, store);
  const resources = new Resources(cache, env.clock);
  return {
    env,
    store,
    cache,
    resources,
    reader: makeReader(resources),
    admission: [],
    memory: memory ?? { isShort: false, regained: async () => true },
    steps: new StepQueue(env.clock),
  };
}

function documentPath(read: NonNullable<ApiServerOptions['documents']>[string]): ExtraPath {
  return async ({ request }) => {
    const document = await read(request);
    if (!document) throw new NoSuchPage();
    return textResponse(200, JSON.stringify(document.body), document.contentType);
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

function answererOf(core: Core): Answerer {
  return {
    answer(request, peer) {
      return answer(beginExchange(core, request, peer, undefined, request));
    },
    connected: () => core.steps.giveWay(),
    failed(error: Error): void {
      core.env.log.error('an answer could not be sent', { error: error.stack ?? error.message });
    },
    mayUpgrade(method, url, protocol) {
      const info = parseRequest(method, url);
      // A watch over a WebSocket is refused there: as a plain one it would leave its caller without an answer.
      if (info.verb === 'watch' && protocol.toLowerCase() === 'websocket') return true;
      return findSpecial(core, info)?.upgrade !== undefined;
    },
    upgrade(request, peer, message, socket, head) {
      void takeOver(beginExchange(core, request, peer, undefined), message, socket, head);
    },
  };
}

/** Callers in this process wait for no socket: what they ask for must not keep others from being served. */
function inProcessTransport(core: Core, user: UserInfo, turns: Turns): Transport {
  const peer: Peer = {};
  const serve = (request: ApiRequest) => answer(beginExchange(core, request, peer, user));
  return {
    request: (request) => (turns.isSpent ? turns.next().then(() => serve(request)) : serve(request)),
    close: async () => {},
  };
}

function beginExchange(
  core: Core,
  request: ApiRequest,
  peer: Peer,
  user: UserInfo | undefined,
  incoming?: IncomingRequest,
): Exchange {
  return {
    core,
    request,
    receive: incoming && (() => incoming.receive()),
    incomingBody: incoming && (() => incoming.incomingBody()),
    peer,
    trusted: user !== undefined,
    startedMs: core.env.clock.monotonicMs(),
    timeoutMs: undefined,
    auditId: request.headers['audit-id']?.slice(0, auditIdLengthMax) || core.env.random.uuid(),
    info: parseRequest(request.method, request.path),
    user: user ?? anonymous,
    warnings: new Warnings(),
    cleanups: [],
  };
}
