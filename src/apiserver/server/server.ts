/** Starts an API server over a store: reachable from inside the process at once, and over HTTPS if it has an address. */

import type { UserInfo } from '#api/meta/user.ts';
import type { Metric } from '#base/metrics/metric.ts';
import { Turns } from '#base/turns.ts';
import type { Transport } from '#client/transport/transport.ts';
import type { HttpLimits } from '#host/http/limits.ts';
import { registerMetrics } from '../contract/register-metrics.ts';
import type { ServerClient } from '../contract/server-client.ts';
import type { ObjectFeed, ObjectReader } from '../contract/stored-objects.ts';
import type { FollowedFlowObjects } from '../flowcontrol/followed-objects.ts';
import { promptShutdown, Shutdown, type ShutdownOptions } from '../flowcontrol/shutdown/shutdown.ts';
import type { TlsFiles } from '../http/certificates/tls-context.ts';
import { type Address, Listeners } from '../http/listeners.ts';
import type { ListenerSettings } from '../http/server-options.ts';
import type { Resources } from '../registry/resources.ts';
import { answererOf, inProcessTransport } from './answerer.ts';
import { buildServing, type ServingOptions } from './serving.ts';

export interface ApiServerOptions extends ServingOptions {
  readonly listen?: readonly Address[];
  /** PEM. Required to listen. */
  readonly tls?: TlsFiles;
  readonly listener?: ListenerSettings;
  /** Default: `httpLimits`. */
  readonly httpLimits?: Partial<HttpLimits>;
  /** Default: without a delay. */
  readonly shutdown?: ShutdownOptions;
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
  /** Publishes what other parts of the process measure. */
  addMetrics(metrics: Iterable<Metric>): void;
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
  const listeners = new Listeners({ clock, tls, limits, settings: options.listener });
  const serving = buildServing(options, shutdown, () => listeners.urls);
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
    addMetrics: (metrics) => registerMetrics(serving.metrics, metrics),
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
