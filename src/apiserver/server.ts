/** Starts an API server over a store: reachable from inside the process at once, and over HTTPS where asked to. */

import type { UserInfo } from '#api/meta/user.ts';
import { openApi } from '#api/openapi/openapi.ts';
import { loadSchema } from '#api/schema/load-schema.ts';
import type { Env } from '#base/env.ts';
import { Turns } from '#base/turns.ts';
import { kubernetesVersion } from '#base/version.ts';
import type { ApiRequest, Transport } from '#client/transport/transport.ts';
import { type HttpLimits, httpLimits } from '#host/http/limits.ts';
import type { MemoryWatch } from '#host/processes/memory-watch.ts';
import type { Store } from '#store/store.ts';
import { Admission } from './admission/admission.ts';
import { ObjectCache } from './cache/object-cache.ts';
import { repairNames } from './cache/repair-names.ts';
import type { AuditBackend } from './chain/access/audit.ts';
import { handlerChain } from './chain/handler-chain.ts';
import { RequestChain } from './chain/request-chain.ts';
import { textResponse } from './codec/encode/json-response.ts';
import type { AdmissionPlugin } from './contract/admission.ts';
import type {
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
import type { ExtraPath } from './documents/document-parts.ts';
import { SharedEncodings } from './encodings/shared-encodings.ts';
import { StepQueue } from './encodings/step-queue.ts';
import { Activity } from './flowcontrol/activity.ts';
import { Deadlines } from './flowcontrol/deadlines.ts';
import { InFlight } from './flowcontrol/in-flight.ts';
import { type Answerer, type Listener, listen, type TlsFiles } from './http/listener.ts';
import { answerUpgrade } from './http/upgrade.ts';
import { builtInKinds } from './registry/built-in.ts';
import { Resources } from './registry/resources.ts';
import type { StorageParts } from './registry/storage-parts.ts';
import { beginExchange, type Connection, type HandlerParts } from './request/exchange.ts';
import { LargeYamlReader } from './request/large-yaml.ts';
import { Metrics } from './request/metrics.ts';
import { parseRequest } from './request/parse-request.ts';
import { startEventExpiry } from './storage/event-expiry.ts';
import { makeFeed, makeReader, makeRegistry } from './storage/registry.ts';
import { findSpecial } from './subresources/find-special.ts';

export interface ApiServerOptions {
  readonly env: Env;
  /** Stays the caller's: `stop` does not close it. */
  readonly store: Store;
  readonly authenticators: readonly Authenticator[];
  readonly authorizers: readonly Authorizer[];
  /** Default: nothing is audited. */
  readonly audit?: AuditBackend;
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

/** Requests under way may end before their connections do. */
const stopGraceMs = 2000;

export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const { env } = options;
  const stopping = new AbortController();
  const storage = buildStorage(options);
  const { cache, resources, reader } = storage;
  const feed = makeFeed(resources);
  const registry = makeRegistry(storage);
  beginStorage(options, storage, { env, reader, registry, resources, feed });
  const serving = buildServing(options, storage, registry, stopping.signal);
  const turns = new Turns(env.clock);
  await cache.start();
  for (const one of cache.caches()) await repairNames(env, options.store, one.takeMisnamed());
  const stopExpiry = startEventExpiry(storage);
  const listeners: Listener[] = [];
  let tls = options.tls;

  async function open(address: { host: string; port: number }): Promise<{ port: number }> {
    if (!tls) throw new Error('listening needs a certificate');
    const limits = { ...httpLimits, ...options.httpLimits };
    const listener = await listen({ ...address, clock: env.clock, limits }, tls, answererOf(serving));
    listeners.push(listener);
    return { port: listener.port };
  }

  async function stop(): Promise<void> {
    stopping.abort();
    stopExpiry();
    await serving.activity.idle(stopGraceMs);
    serving.largeYaml.stop();
    await Promise.all(listeners.map((listener) => listener.close()));
    cache.stop();
  }

  try {
    for (const address of options.listen ?? []) await open(address);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    transport: (user) => inProcessTransport(serving, user, turns),
    reader,
    feed,
    registry,
    fresh: async () => cache.fresh(),
    resources,
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

type OpenStorage = StorageParts & { readonly admission: Admission };

/** What takes requests, from wherever they come. */
interface Serving {
  readonly chain: RequestChain;
  readonly parts: HandlerParts;
  readonly activity: Activity;
  readonly largeYaml: LargeYamlReader;
}

function buildServing(
  options: ApiServerOptions,
  storage: StorageParts,
  registry: Registry,
  stopping: AbortSignal,
): Serving {
  const { clock } = options.env;
  const { resources, cache, store } = storage;
  const inFlight = new InFlight();
  const metrics = new Metrics({ inFlight: () => inFlight, objects: () => countObjects(resources) });
  const activity = new Activity(clock);
  const largeYaml = new LargeYamlReader();
  const { authenticators, authorizers, audit, startHooks = {} } = options;
  const stages = handlerChain({
    clock,
    metrics,
    activity,
    deadlines: new Deadlines(clock),
    authenticators,
    audit,
    authorizers,
    inFlight,
    largeYaml,
    registry,
    documents: {
      metrics,
      health: { cache, store, stopping, startHooks },
      openApi: openApi(() => resources.all, kubernetesVersion),
      extraPaths: mapValues(options.documents ?? {}, documentPath),
    },
  });
  const schema = loadSchema();
  return {
    chain: new RequestChain(stages, metrics.stages),
    parts: { ...storage, schema, encodings: new SharedEncodings(), inFlight, stopping },
    activity,
    largeYaml,
  };
}

function buildStorage({ env, store, memory }: ApiServerOptions): OpenStorage {
  const cache = new ObjectCache(env, store);
  const resources = new Resources(cache, env.clock);
  return {
    env,
    store,
    cache,
    resources,
    reader: makeReader(resources),
    admission: new Admission(),
    memory: memory ?? { isShort: false, regained: async () => true },
    steps: new StepQueue(env.clock),
  };
}

/** Admission plugins and hooks come after the storage: some of them read and write through it. */
function beginStorage(options: ApiServerOptions, storage: OpenStorage, parts: ServerParts): void {
  const hooks = options.storageHooks(parts);
  storage.resources.begin(builtInKinds(loadSchema(), options.specialHandlers, hooks));
  storage.admission.begin(options.admission(parts));
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

function answererOf({ chain, parts }: Serving): Answerer {
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
      // A watch over a WebSocket is refused there: as a plain one it would leave its caller without an answer.
      if (info.verb === 'watch' && protocol.toLowerCase() === 'websocket') return true;
      return findSpecial(parts, info)?.upgrade !== undefined;
    },
    upgrade(request, peer, message, socket, head) {
      const connection: Connection = { message, socket, head, isTakenOver: false };
      void answerUpgrade(chain, beginExchange(parts, { request, peer, connection }), connection);
    },
  };
}

/** Callers in this process wait for no socket: what they ask for must not keep others from being served. */
function inProcessTransport({ chain, parts }: Serving, user: UserInfo, turns: Turns): Transport {
  const peer: Peer = {};
  const serve = (request: ApiRequest) => chain.answer(beginExchange(parts, { request, peer, user }));
  return {
    request: (request) => (turns.isSpent ? turns.next().then(() => serve(request)) : serve(request)),
    close: async () => {},
  };
}
