/**
 * The DNS of a node: serves the names of services and pods from informers, forwards all other queries to name servers
 * outside the cluster. Level-triggered: configuration and the machine's name servers may change at any time.
 */

import { sleep } from '#base/clock.ts';
import type { Env } from '#base/env.ts';
import type { EventRecorder } from '#client/events/recorder.ts';
import type { Informers } from '#client/informers/informer.ts';
import { listenDns } from '#host/network/dns-sockets.ts';
import { machineNameServers, watchNameServers } from '#host/network/resolv-conf.ts';
import { type DnsConfiguration, defaultConfiguration } from './configuration/dns-configuration.ts';
import { WatchedConfiguration } from './configuration/watched-configuration.ts';
import { DnsMetrics } from './metrics.ts';
import { MetricsServer } from './metrics-server.ts';
import { makeResolution, nameServersOf, type ResolutionContext } from './resolution.ts';
import { type Resolution, Responder } from './responder.ts';
import { LoopCheck } from './upstream/loop-check.ts';
import { informerView, watchZone } from './zone/view.ts';

const configurationWaitMs = 1000;

export interface DnsOptions {
  readonly env: Env;
  readonly informers: Informers;
  /** For events about a configuration that can't be used. */
  readonly recorder: Pick<EventRecorder, 'event'>;
  /** `cluster.local`. */
  readonly zone: string;
  readonly host: string;
  readonly port: number;
  /** Metrics, `/health` and `/ready` are served there. Undefined: nowhere. */
  readonly metricsPort?: number;
  /** Addresses that lead back to this server. */
  readonly own: readonly string[];
  /** Default: that of the cluster's ConfigMaps. */
  readonly configuration?: DnsConfiguration;
}

export interface DnsServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Resolves when it answers. */
export async function startDns(options: DnsOptions): Promise<DnsServer> {
  const dns = new RunningDns(options);
  await dns.start();
  return dns;
}

class RunningDns implements DnsServer {
  readonly #options: DnsOptions;
  readonly #context: ResolutionContext;
  readonly #loops: LoopCheck;
  readonly #closers: (() => void | Promise<void>)[] = [];
  readonly #metrics: DnsMetrics;
  #configuration: DnsConfiguration;
  #port: number;
  #isReady = false;
  #machineServers: readonly string[] = [];
  #resolution: Resolution;
  readonly #responder: Responder;

  constructor(options: DnsOptions) {
    const { env, informers, zone, own } = options;
    this.#options = options;
    this.#port = options.port;
    this.#configuration = options.configuration ?? defaultConfiguration;
    this.#metrics = new DnsMetrics(options.host, () => this.#cacheSizes());
    this.#context = { env, view: informerView(informers), zone, own, events: this.#metrics };
    this.#loops = new LoopCheck(env);
    this.#resolution = makeResolution(this.#context, this.#configuration, []);
    const { isOwnProbe } = this.#loops;
    const responderOptions = { clock: env.clock, events: this.#metrics, isOwnProbe };
    this.#responder = new Responder(responderOptions, this.#resolution);
  }

  get port(): number {
    return this.#port;
  }

  async start(): Promise<void> {
    const { informers, host, port } = this.#options;
    this.#closers.push(watchZone(informers, (service) => this.#resolution.names.changed(service)));
    [this.#machineServers] = await Promise.all([machineNameServers(), informers.synced()]);
    await this.#followConfiguration();
    this.#apply();
    this.#isReady = true;
    const listener = await listenDns(host, port, (query, transport) =>
      this.#responder.respond(query, transport),
    );
    this.#port = listener.port;
    this.#closers.push(() => listener.close());
    this.#closers.push(watchNameServers(() => void this.#readMachine()));
    this.#serveMetrics();
    this.#checkLoops();
  }

  /** Names of the cluster do not wait for it: a ConfigMap that can't be read in time is used when it is there. */
  async #followConfiguration(): Promise<void> {
    const { env, informers, recorder, zone, configuration } = this.#options;
    if (configuration) return;
    const watched = new WatchedConfiguration({ log: env.log, recorder, informers, zone }, (changed) => {
      this.#configuration = changed;
      if (!this.#isReady) return;
      this.#apply();
      this.#checkLoops();
    });
    this.#closers.push(() => watched.stop());
    await Promise.race([watched.synced(), sleep(env.clock, configurationWaitMs)]);
  }

  #serveMetrics(): void {
    const { env, host, metricsPort } = this.#options;
    if (metricsPort === undefined) return;
    const server = new MetricsServer({ env, host, port: metricsPort, page: () => this.#metrics.page });
    this.#closers.push(() => server.stop());
  }

  #cacheSizes(): { success: number; denial: number } {
    const sizes = { success: 0, denial: 0 };
    for (const { cache } of this.#resolution.routes.routes) {
      sizes.success += cache?.size.success ?? 0;
      sizes.denial += cache?.size.denial ?? 0;
    }
    return sizes;
  }

  async close(): Promise<void> {
    for (const close of this.#closers) await close();
  }

  async #readMachine(): Promise<void> {
    const servers = await machineNameServers();
    if (String(servers) === String(this.#machineServers)) return;
    this.#options.env.log.info('the name servers of the machine have changed', { servers });
    this.#machineServers = servers;
    this.#apply();
    this.#checkLoops();
  }

  #apply(): void {
    const servers = nameServersOf(this.#machineServers);
    this.#resolution = makeResolution(this.#context, this.#configuration, servers);
    this.#responder.use(this.#resolution);
  }

  #checkLoops(): void {
    const forwarders = this.#resolution.routes.routes.map(({ forwarder }) => forwarder);
    void this.#loops.check(forwarders);
  }
}
