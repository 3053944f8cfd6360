/**
 * HTTP into the cluster: a proxy that serves the Ingresses of class `kybern`. Until there is the first of them, only
 * Ingresses and their classes are watched and no program runs.
 */

import { ingressClasses, ingresses } from '#api/generated/kinds.gen.ts';
import type { Env } from '#base/env.ts';
import type { Client } from '#client/client.ts';
import { createEventRecorder } from '#client/events/recorder.ts';
import type { Informers } from '#client/informers/informer.ts';
import { keepLogLimited } from '#host/files/log-limit.ts';
import { Haproxy, haproxySocket, hasHaproxy } from '#host/haproxy/haproxy.ts';
import { portIsFree } from '#host/network/ports.ts';
import type { Rejection } from './data-path/faults.ts';
import { ProxyWriter } from './data-path/proxy-writer.ts';
import type { GatewayModel } from './gateways/gateway-model.ts';
import { GatewaySide } from './gateways/gateway-side.ts';
import { isOurs } from './ingresses/class.ts';
import {
  type Entrance,
  type IngressModel,
  type IngressReport,
  ingressModel,
} from './ingresses/ingress-model.ts';
import { IngressReporter } from './ingresses/reporter.ts';
import type { ProxyModel } from './model/model.ts';
import { informerView, routeParts, subscribeAll } from './objects/informer-view.ts';
import type { View } from './objects/view.ts';

export interface IngressOptions {
  readonly env: Env;
  /** Of the account `kybern-ingress`. */
  readonly client: Client;
  readonly informers: Informers;
  readonly dataDir: string;
  readonly runDir: string;
  /** Where the proxy listens. */
  readonly entrance: Entrance;
}

export interface RunningIngress {
  /** Ends the proxy. */
  stop(): Promise<void>;
}

const gatherMs = 20;
/** Structure changes in a row share a configuration: each reload leaves a worker that serves its connections to their end. */
const pauseMs = 200;
const retryMs = 2000;
const takenRetryMs = 10_000;

export function startIngress(options: IngressOptions): RunningIngress {
  const controller = new IngressController(options);
  controller.start();
  return controller;
}

class TakenPort extends Error {}

class IngressController implements RunningIngress {
  readonly #options: IngressOptions;
  readonly #view: View;
  readonly #haproxy: Haproxy;
  readonly #writer: ProxyWriter;
  readonly #reporter: IngressReporter;
  readonly #gateways: GatewaySide;
  readonly #unsubscribes: (() => void)[] = [];
  #hasBegun = false;
  #isScheduled = false;
  #isFollowing = false;
  #isStopped = false;
  #isChanged = false;
  #running: Promise<void> | undefined;

  constructor(options: IngressOptions) {
    this.#options = options;
    const { env, client, informers, entrance } = options;
    this.#view = informerView(informers);
    this.#haproxy = new Haproxy(options);
    this.#writer = new ProxyWriter({
      program: this.#haproxy,
      socket: haproxySocket(options),
      cookieKey: entrance.cookieKey,
    });
    this.#gateways = new GatewaySide({ env, client, informers, address: entrance.address, view: this.#view });
    const recorder = createEventRecorder({ env, client, component: 'kybern-ingress' });
    this.#reporter = new IngressReporter(client, recorder);
  }

  start(): void {
    const look = () => this.#look();
    this.#unsubscribes.push(subscribeAll(this.#options.informers, [ingressClasses, ingresses], look));
    this.#unsubscribes.push(this.#gateways.follow(look));
    // One that an earlier process has left running is taken over.
    if (this.#haproxy.isRunning) this.#begin();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const unsubscribe of this.#unsubscribes) unsubscribe();
    await this.#running;
    await this.#haproxy.stop();
  }

  #look(): void {
    if (this.#hasBegun) this.#schedule();
    else if (this.#gateways.isWanted) this.#begin();
    else if (this.#view.ingresses().some((ingress) => isOurs(ingress, this.#view))) this.#begin();
  }

  #begin(): void {
    this.#hasBegun = true;
    this.#unsubscribes.push(keepLogLimited(this.#options.env, this.#haproxy.logFile));
    this.#unsubscribes.push(subscribeAll(this.#options.informers, routeParts, () => this.#schedule()));
    this.#schedule();
  }

  #schedule(delayMs = gatherMs): void {
    this.#isChanged = true;
    if (this.#running) this.#followSoon();
    if (this.#running || this.#isStopped || this.#isScheduled) return;
    this.#isScheduled = true;
    this.#options.env.clock.after(delayMs, () => {
      this.#isScheduled = false;
      if (!this.#isStopped) this.#running = this.#round();
    });
  }

  /** While a configuration is checked and loaded, endpoints change all the same. */
  #followSoon(): void {
    if (this.#isStopped || this.#isFollowing) return;
    this.#isFollowing = true;
    this.#options.env.clock.after(gatherMs, async () => {
      this.#isFollowing = false;
      if (!this.#running || this.#isStopped) return;
      // The round that follows reports a failure, or mends it.
      const { ingresses: own, gateways } = this.#models();
      await this.#writer.follow(joined(own, gateways)).catch(() => undefined);
    });
  }

  /** One at a time; changes meanwhile are the next round's. */
  async #round(): Promise<void> {
    this.#isChanged = false;
    let againMs = pauseMs;
    try {
      await this.#options.informers.synced();
      await this.#write();
    } catch (error) {
      againMs = this.#failed(error);
      this.#isChanged = true;
    }
    this.#running = undefined;
    if (this.#isChanged) this.#schedule(againMs);
  }

  #failed(error: unknown): number {
    const { log } = this.#options.env;
    if (error instanceof TakenPort) {
      log.warn(error.message);
      return takenRetryMs;
    }
    log.error('routes could not be written; they are tried again', { error: String(error) });
    return retryMs;
  }

  async #write(): Promise<void> {
    const { entrance } = this.#options;
    if (!this.#haproxy.isRunning) await this.#requireStart();
    const { ingresses: own, gateways } = this.#models();
    const rejections = await this.#writer.write(joined(own, gateways));
    const reports = await Promise.allSettled([
      this.#gateways.report(gateways),
      this.#reporter.report(withRejections(own.reports, rejections), entrance.address),
    ]);
    const failed = reports.find((result) => result.status === 'rejected');
    if (failed) throw failed.reason;
  }

  #models(): { readonly ingresses: IngressModel; readonly gateways: GatewayModel } {
    return {
      ingresses: ingressModel(this.#view, this.#options.entrance),
      gateways: this.#gateways.model(),
    };
  }

  async #requireStart(): Promise<void> {
    const { address, plainPort, tlsPort } = this.#options.entrance;
    if (!(await hasHaproxy())) {
      throw new TakenPort('Ingresses are not served: the Debian package haproxy is not installed');
    }
    for (const port of [plainPort, tlsPort]) {
      if (await portIsFree(address, port)) continue;
      throw new TakenPort(`Ingresses are not served: another program listens on port ${port} of ${address}`);
    }
  }
}

function joined(a: ProxyModel, b: ProxyModel): ProxyModel {
  return {
    listeners: [...a.listeners, ...b.listeners],
    tables: [...a.tables, ...b.tables],
    backends: [...a.backends, ...b.backends],
  };
}

function withRejections(
  reports: readonly IngressReport[],
  rejections: readonly Rejection[],
): IngressReport[] {
  const messages = new Map(rejections.map(({ owner, message }) => [owner, message]));
  return reports.map((report) => {
    const refused = messages.get(report.ingress) ?? report.refused;
    return refused === undefined ? report : { ...report, refused };
  });
}
