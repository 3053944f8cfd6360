/**
 * The service proxy of one node: keeps its nft table equal to the services, endpoint slices and host ports of the API.
 * Changes are gathered for a moment and applied in one transaction; a failed one is followed by a table made anew.
 */

import { endpointSlices, nodes, pods, services } from '#api/kinds.gen.ts';
import type { EndpointSlice, Node, Pod, Service } from '#api/types.gen.ts';
import type { Env } from '#base/env.ts';
import type { Informers } from '#client/informer.ts';
import { command } from '#host/command.ts';
import { forgetUdpFlow, listUdpFlows } from '#host/udp-flows.ts';
import { type HealthCheck, HealthChecks, healthCheckOf } from './health-checks.ts';
import { changeScript, frameScript, type TableFrame } from './nft-script.ts';
import { emptyTable, type Table, tableOf } from './nft-table.ts';
import { type Frontend, hostPortFrontends, type Place, serviceFrontends } from './service-model.ts';
import { staleFlows, udpState } from './stale-flows.ts';

export interface ServiceProxyOptions {
  readonly env: Env;
  readonly informers: Informers;
  readonly nodeName: string;
  readonly frame: TableFrame;
}

export interface ServiceProxy {
  /** Everything seen so far is in the kernel. */
  synced(): Promise<void>;
  /** Resolves when no service of this node sends to `ip` any more, at the latest after `limitMs`. */
  withdrawn(ip: string, limitMs: number): Promise<void>;
  /** Stops watching. The table stays: running pods keep their services while kybern restarts. */
  stop(): void;
}

const gatherMs = 20;
const retryMs = 1000;
const serviceNameLabel = 'kubernetes.io/service-name';

/** Makes the empty table, guards included; to be called before anything can send to the cluster's ranges. */
export async function installFrame(frame: TableFrame): Promise<void> {
  await command('nft', ['-f', '-'], { input: frameScript(frame) });
}

export async function startServiceProxy(options: ServiceProxyOptions): Promise<ServiceProxy> {
  const { env, informers, nodeName, frame } = options;
  const serviceInformer = informers.for<Service>(services);
  const sliceInformer = informers.for<EndpointSlice>(endpointSlices);
  const podInformer = informers.for<Pod>(pods, { fieldSelector: `spec.nodeName=${nodeName}` });
  const nodeInformer = informers.for<Node>(nodes, { fieldSelector: `metadata.name=${nodeName}` });
  const healthChecks = new HealthChecks(env.log);
  sliceInformer.addIndex('service', (slice) => {
    const name = slice.metadata.labels?.[serviceNameLabel];
    return name ? [`${slice.metadata.namespace}/${name}`] : [];
  });

  let stopped = false;
  // What the kernel holds; undefined when a failure left that unknown.
  let applied: Table | undefined;
  let targets = new Set<string>();
  // Of the frontends whose stale flows were last forgotten.
  let flowsState = '';
  const waiting = new Set<() => void>();
  let pending: Promise<void> | undefined;

  function place(): Place {
    return { nodeName, zone: zoneOf(nodeInformer.get(undefined, nodeName)) };
  }

  function frontends(): { found: Frontend[]; checks: HealthCheck[] } {
    const found: Frontend[] = [];
    const checks: HealthCheck[] = [];
    const here = place();
    for (const service of serviceInformer.list()) {
      const slices = sliceInformer.byIndex(
        'service',
        `${service.metadata.namespace}/${service.metadata.name}`,
      );
      const own = serviceFrontends(service, slices, here);
      const check = healthCheckOf(service, own);
      if (check) checks.push(check);
      found.push(...own);
    }
    for (const pod of podInformer.list()) found.push(...hostPortFrontends(pod));
    return { found, checks };
  }

  /** After the table: what a client sends next then goes to a backend of now. */
  async function forgetStaleFlows(found: readonly Frontend[]): Promise<void> {
    const state = udpState(found);
    if (state === flowsState) return;
    const flows = await listUdpFlows();
    if (!flows) env.log.debug('UDP flows are not looked after: there is no conntrack program');
    for (const flow of staleFlows(flows ?? [], found)) await forgetUdpFlow(flow);
    flowsState = state;
  }

  async function apply(): Promise<void> {
    const { found, checks } = frontends();
    healthChecks.update(checks);
    const wanted = tableOf(found, frame.podRange);
    const script = applied
      ? changeScript(frame.name, applied, wanted)
      : frameScript(frame) + changeScript(frame.name, emptyTable(), wanted);
    try {
      if (script !== '') await command('nft', ['-f', '-'], { input: script });
      applied = wanted;
      targets = targetsOf(found);
      for (const look of waiting) look();
      await forgetStaleFlows(found);
    } catch (error) {
      applied = undefined;
      env.log.error('service table could not be written; it will be made anew', { error: String(error) });
      env.clock.after(retryMs, schedule);
    }
  }

  function schedule(): void {
    if (stopped || pending) return;
    pending = new Promise((resolve) => {
      env.clock.after(gatherMs, () => {
        pending = undefined;
        running = running.then(apply).then(resolve);
      });
    });
  }
  let running: Promise<void> = Promise.resolve();

  const handlers = { onAdd: schedule, onUpdate: schedule, onDelete: schedule };
  await Promise.all([serviceInformer, sliceInformer, podInformer, nodeInformer].map((one) => one.synced()));
  await apply();
  const stops = [
    serviceInformer.subscribe(handlers),
    sliceInformer.subscribe(handlers),
    podInformer.subscribe(handlers),
    nodeInformer.subscribe({
      onAdd: schedule,
      onUpdate: (before, now) => zoneOf(before) === zoneOf(now) || schedule(),
      onDelete: schedule,
    }),
  ];
  return {
    async synced() {
      while (pending) await pending;
      await running;
    },
    withdrawn(ip, limitMs) {
      return new Promise((resolve) => {
        const end = () => {
          timer.cancel();
          waiting.delete(look);
          resolve();
        };
        const look = () => targets.has(ip) || end();
        const timer = env.clock.after(limitMs, end);
        waiting.add(look);
        look();
      });
    },
    stop() {
      stopped = true;
      for (const stop of stops) stop();
      healthChecks.stop();
    },
  };
}

function targetsOf(frontends: readonly Frontend[]): Set<string> {
  const ips = new Set<string>();
  for (const { backends, externalBackends, anyBackends } of frontends)
    for (const { ip } of [...backends, ...externalBackends, ...anyBackends]) ips.add(ip);
  return ips;
}

function zoneOf(node: Node | undefined): string {
  return node?.metadata?.labels?.['topology.kubernetes.io/zone'] ?? '';
}
