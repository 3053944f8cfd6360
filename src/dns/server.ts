/**
 * The DNS of a node: serves the names of services and pods from informers, forwards all other queries to name servers
 * outside the cluster. Level-triggered: configuration and the machine's name servers may change at any time.
 */

import type { Env } from '#base/env.ts';
import type { Informers } from '#client/informers/informer.ts';
import { listenDns } from '#host/network/dns-sockets.ts';
import { machineNameServers, watchNameServers } from '#host/network/resolv-conf.ts';
import { type DnsConfiguration, defaultConfiguration } from './configuration/dns-configuration.ts';
import { makeResolution, nameServersOf, type ResolutionContext } from './resolution.ts';
import { type Resolution, Responder } from './responder.ts';
import { LoopCheck } from './upstream/loop-check.ts';
import { informerView, watchZone } from './zone/view.ts';

export interface DnsOptions {
  readonly env: Env;
  readonly informers: Informers;
  /** `cluster.local`. */
  readonly zone: string;
  readonly host: string;
  readonly port: number;
  /** Addresses that lead back to this server. */
  readonly own: readonly string[];
  /** Default: kubeadm's. */
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
  readonly #configuration: DnsConfiguration;
  #port: number;
  #machineServers: readonly string[] = [];
  #resolution: Resolution;
  readonly #responder: Responder;

  constructor(options: DnsOptions) {
    const { env, informers, zone, own } = options;
    this.#options = options;
    this.#port = options.port;
    this.#configuration = options.configuration ?? defaultConfiguration;
    const events = { asked: () => undefined, refused: () => undefined };
    this.#context = { env, view: informerView(informers), zone, own, events };
    this.#loops = new LoopCheck(env);
    this.#resolution = makeResolution(this.#context, this.#configuration, []);
    const { isOwnProbe } = this.#loops;
    const counted = { answered: () => undefined, cached: () => undefined };
    this.#responder = new Responder({ clock: env.clock, events: counted, isOwnProbe }, this.#resolution);
  }

  get port(): number {
    return this.#port;
  }

  async start(): Promise<void> {
    const { informers, host, port } = this.#options;
    this.#closers.push(watchZone(informers, (service) => this.#resolution.names.changed(service)));
    [this.#machineServers] = await Promise.all([machineNameServers(), informers.synced()]);
    this.#apply();
    const listener = await listenDns(host, port, (query, transport) =>
      this.#responder.respond(query, transport),
    );
    this.#port = listener.port;
    this.#closers.push(() => listener.close());
    this.#closers.push(watchNameServers(() => void this.#readMachine()));
    this.#checkLoops();
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
