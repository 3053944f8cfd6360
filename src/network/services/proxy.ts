/**
 * The service proxy of one node: keeps its nft table equal to the services, endpoint slices and host ports of
 * the API. Changes are batched for a moment and applied in one transaction; after a failure the table is
 * rebuilt.
 */

import type { Env } from '#base/env.ts';
import { familiesOf } from '#base/net/range-list.ts';
import type { Client } from '#client/client.ts';
import { createEventRecorder } from '#client/events/recorder.ts';
import type { Informers } from '#client/informers/informer.ts';
import { command, tryCommand } from '#host/processes/command.ts';
import type { HealthCheck } from './health-checks.ts';
import { HealthChecks } from './health-checks.ts';
import type { TableFrame } from './nft-script.ts';
import { ProxyHealth } from './proxy-health.ts';
import { ProxyServer } from './proxy-server.ts';
import { UdpChanges } from './stale-flows.ts';
import { TablePace } from './table-pace.ts';
import { frameScripts, ServiceTables } from './tables.ts';
import { Targets, targetsOf } from './targets.ts';
import { ServiceView } from './view.ts';

export interface ServiceProxyOptions {
  readonly env: Env;
  /** Writes events, as the proxy. */
  readonly client: Client;
  readonly informers: Informers;
  /** Informers of the node's own objects: its pods have host ports. */
  readonly nodeInformers: Informers;
  readonly nodeName: string;
  readonly nodeIp: string;
  readonly frame: TableFrame;
}

export interface ServiceProxy {
  /** Resolves when all objects seen so far have reached the kernel. */
  synced(): Promise<void>;
  /** Resolves when no service of this node sends to `ip` any more, or after `limitMs`. */
  withdrawn(ip: string, limitMs: number): Promise<void>;
  /** Stops watching. The table stays: running pods keep their services while kybern restarts. */
  stop(): void;
}

const gatherMs = 20;
const retryMs = 1000;

/**
 * Creates the empty tables, guards included, unless they are there: called before anything can send to the cluster's
 * ranges. Tables of an earlier start serve running pods until the first whole tables replace them, which may be long
 * when the API is away.
 */
export async function installFrame(frame: TableFrame): Promise<void> {
  const families = familiesOf(frame.podRange).map((family) => (family === 4 ? 'ip' : 'ip6'));
  const found = await Promise.all(
    families.map((family) => tryCommand('nft', ['list', 'chain', family, frame.name, 'guard'])),
  );
  if (found.some(({ code }) => code !== 0)) await writeTable(frameScripts(frame));
}

export async function startServiceProxy(options: ServiceProxyOptions): Promise<ServiceProxy> {
  const view = new ServiceView({ ...options, families: familiesOf(options.frame.podRange) });
  await view.synced();
  const proxy = new NftProxy(options, view);
  await proxy.start();
  return proxy;
}

class NftProxy implements ServiceProxy {
  readonly #env: Env;
  readonly #nodeIp: string;
  readonly #view: ServiceView;
  readonly #health: ProxyHealth;
  readonly #healthChecks: HealthChecks;
  #server: ProxyServer | undefined;
  readonly #tables: ServiceTables;
  readonly #checks = new Map<string, HealthCheck>();
  readonly #targets = new Targets();
  readonly #udp = new UdpChanges();
  readonly #waiting = new Set<() => void>();
  #pending: Promise<void> | undefined;
  #running: Promise<void> = Promise.resolve();
  #unsubscribe: (() => void) | undefined;
  readonly #pace: TablePace;
  #stopped = false;

  constructor({ env, client, frame, nodeIp, nodeName }: ServiceProxyOptions, view: ServiceView) {
    this.#env = env;
    this.#tables = new ServiceTables(frame);
    this.#nodeIp = nodeIp;
    this.#view = view;
    this.#pace = new TablePace(env.clock);
    this.#health = new ProxyHealth(env.clock);
    this.#healthChecks = new HealthChecks({
      log: env.log,
      nodeName,
      recorder: createEventRecorder({ env, client, component: 'kube-proxy', host: nodeName }),
      isProxyHealthy: () => this.#health.isHealthy,
    });
  }

  async start(): Promise<void> {
    this.#unsubscribe = this.#view.subscribe(() => this.#schedule());
    this.#running = this.#apply();
    await this.#running;
    const health = {
      '/healthz': () => this.#health.healthz(this.#view.node),
      '/livez': () => this.#health.livez(),
    };
    this.#server = new ProxyServer({ env: this.#env, nodeIp: this.#nodeIp, health });
  }

  async synced(): Promise<void> {
    while (this.#pending) await this.#pending;
    await this.#running;
  }

  withdrawn(ip: string, limitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        timer.cancel();
        this.#waiting.delete(look);
        resolve();
      };
      const look = () => this.#sendsTo(ip) || end();
      const timer = this.#env.clock.after(limitMs, () => {
        this.#env.log.debug('a pod ends although services may still send to it', { ip, waitedMs: limitMs });
        end();
      });
      this.#waiting.add(look);
      look();
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#unsubscribe?.();
    this.#healthChecks.stop();
    this.#server?.stop();
  }

  /** Now or with the next table: a recently ready endpoint may not have reached the kernel yet. */
  #sendsTo(ip: string): boolean {
    if (this.#targets.has(ip)) return true;
    for (const [, { frontends }] of this.#view.changed()) if (targetsOf(frontends).has(ip)) return true;
    return false;
  }

  #schedule(): void {
    if (this.#stopped || this.#pending) return;
    this.#health.queued();
    this.#pending = new Promise((resolve) => {
      this.#env.clock.after(Math.max(gatherMs, this.#pace.pauseMs()), () => {
        this.#pending = undefined;
        this.#running = this.#running.then(() => this.#apply()).then(resolve);
      });
    });
  }

  async #apply(): Promise<void> {
    // After stop() the table may have been deleted: it must not be created again.
    if (this.#stopped) return;
    this.#health.writing();
    this.#take();
    try {
      await this.#write();
    } catch (error) {
      this.#tables.failed();
      return this.#again('service table could not be written; it will be rebuilt', error);
    }
    this.#health.updated();
    this.#targets.settle();
    for (const look of this.#waiting) look();
    try {
      await this.#udp.forgetStale(this.#env.log);
    } catch (error) {
      this.#again('stale UDP flows could not be forgotten', error);
    }
  }

  #take(): void {
    for (const [owner, { frontends, check }] of this.#view.take()) {
      this.#tables.put(owner, frontends);
      this.#targets.put(owner, frontends);
      this.#udp.put(owner, frontends);
      if (check) this.#checks.set(owner, check);
      else this.#checks.delete(owner);
    }
    this.#healthChecks.update([...this.#checks.values()]);
  }

  #again(problem: string, error: unknown): void {
    this.#env.log.error(problem, { error: String(error) });
    this.#env.clock.after(retryMs, () => this.#schedule());
  }

  async #write(): Promise<void> {
    const scripts = this.#tables.scripts();
    if (scripts.length > 0) this.#pace.written();
    for (const script of scripts) await writeTable(script);
    this.#tables.written();
  }
}

async function writeTable(script: string): Promise<void> {
  await command('nft', ['-f', '-'], { input: script });
}
