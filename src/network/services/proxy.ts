/**
 * The service proxy of one node: keeps its nft table equal to the services, endpoint slices and host ports of
 * the API. Changes are batched for a moment and applied in one transaction; after a failure the table is
 * rebuilt.
 */

import type { Env } from '#base/env.ts';
import type { Client } from '#client/client.ts';
import { createEventRecorder } from '#client/events/recorder.ts';
import type { Informers } from '#client/informers/informer.ts';
import { forgetUdpFlow, listUdpFlows } from '#host/network/udp-flows.ts';
import { command } from '#host/processes/command.ts';
import { HealthChecks } from './health-checks.ts';
import type { Frontend } from './model.ts';
import { changeScript, frameScript, type TableFrame } from './nft-script.ts';
import { emptyTable, type Table, tableOf } from './nft-table.ts';
import { ProxyHealth } from './proxy-health.ts';
import { ProxyServer } from './proxy-server.ts';
import { staleFlows, udpState } from './stale-flows.ts';
import { TablePace } from './table-pace.ts';
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

/** Creates the empty table, guards included; called before anything can send to the cluster's ranges. */
export async function installFrame(frame: TableFrame): Promise<void> {
  await writeTable(frameScript(frame));
}

export async function startServiceProxy(options: ServiceProxyOptions): Promise<ServiceProxy> {
  const view = new ServiceView(options);
  await view.synced();
  const proxy = new NftProxy(options, view);
  await proxy.start();
  return proxy;
}

class NftProxy implements ServiceProxy {
  readonly #env: Env;
  readonly #frame: TableFrame;
  readonly #nodeIp: string;
  readonly #view: ServiceView;
  readonly #health: ProxyHealth;
  readonly #healthChecks: HealthChecks;
  #server: ProxyServer | undefined;
  /** The table in the kernel; undefined when a failure left it unknown. */
  #applied: Table | undefined;
  /** Addresses that the current table sends to. */
  #targets = new Set<string>();
  /** State of the frontends when stale flows were last removed. */
  #flowsState = '';
  readonly #waiting = new Set<() => void>();
  #pending: Promise<void> | undefined;
  #running: Promise<void> = Promise.resolve();
  #unsubscribe: (() => void) | undefined;
  readonly #pace: TablePace;
  #stopped = false;

  constructor({ env, client, frame, nodeIp, nodeName }: ServiceProxyOptions, view: ServiceView) {
    this.#env = env;
    this.#frame = frame;
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
    await this.#apply();
    const health = {
      '/healthz': () => this.#health.healthz(this.#view.node),
      '/livez': () => this.#health.livez(),
    };
    this.#server = new ProxyServer({ env: this.#env, nodeIp: this.#nodeIp, health });
    this.#unsubscribe = this.#view.subscribe(() => this.#schedule());
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
    return this.#targets.has(ip) || targetsOf(this.#view.offer().frontends).has(ip);
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
    const { frontends, checks } = this.#view.offer();
    this.#healthChecks.update(checks);
    try {
      await this.#write(tableOf(frontends, this.#frame.podRange));
    } catch (error) {
      this.#applied = undefined;
      return this.#again('service table could not be written; it will be rebuilt', error);
    }
    this.#health.updated();
    this.#targets = targetsOf(frontends);
    for (const look of this.#waiting) look();
    try {
      await this.#forgetStaleFlows(frontends);
    } catch (error) {
      this.#again('stale UDP flows could not be forgotten', error);
    }
  }

  #again(problem: string, error: unknown): void {
    this.#env.log.error(problem, { error: String(error) });
    this.#env.clock.after(retryMs, () => this.#schedule());
  }

  async #write(wanted: Table): Promise<void> {
    const applied = this.#applied;
    const frame = this.#frame;
    const script = applied
      ? changeScript(frame.name, applied, wanted)
      : frameScript(frame) + changeScript(frame.name, emptyTable(), wanted);
    if (script !== '') {
      this.#pace.written();
      await writeTable(script);
    }
    this.#applied = wanted;
  }

  /** After the table is written: the client's next packet then goes to a current backend. */
  async #forgetStaleFlows(frontends: readonly Frontend[]): Promise<void> {
    const state = udpState(frontends);
    if (state === this.#flowsState) return;
    const flows = await listUdpFlows();
    if (!flows) this.#env.log.debug('UDP flows are not looked after: there is no conntrack program');
    for (const flow of staleFlows(flows ?? [], frontends)) await forgetUdpFlow(flow);
    this.#flowsState = state;
  }
}

async function writeTable(script: string): Promise<void> {
  await command('nft', ['-f', '-'], { input: script });
}

function targetsOf(frontends: readonly Frontend[]): Set<string> {
  const ips = new Set<string>();
  for (const { backends, externalBackends, anyBackends } of frontends) {
    for (const { ip } of [...backends, ...externalBackends, ...anyBackends]) ips.add(ip);
  }
  return ips;
}
