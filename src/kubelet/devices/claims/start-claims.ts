/** Resource claims on one node: the drivers that register here, and what they prepare for its pods. */

import type { Env } from '#base/env.ts';
import type { Metric } from '#base/metrics/metric.ts';
import { Repeater } from '#base/repeater.ts';
import type { Client } from '#client/client.ts';
import type { PluginHandler } from '../../registration/plugin-handler.ts';
import { ClaimManager } from './claim-manager.ts';
import { ClaimMetrics } from './claim-metrics.ts';
import { ClaimDrivers } from './drivers.ts';
import { DeviceHealths, type HealthyDevice } from './health/device-health.ts';
import { watchHealth } from './health/watch.ts';
import { PreparedClaims } from './prepared-claims.ts';
import { SliceWiper } from './slice-wiper.ts';

const releaseIntervalMs = 60_000;

export interface ClaimsOptions {
  readonly env: Env;
  readonly client: Client;
  readonly nodeName: string;
  /** The state file lies in it. */
  readonly dir: string;
}

/** The pods of the node. */
export interface ClaimPods {
  /** The pod has not ended. */
  isActive(podUid: string): boolean;
  /** Something of its devices has changed: its status is due. */
  poke(podUid: string): void;
  /** Resolves when all pods of the node are known. */
  synced(): Promise<void>;
}

export interface NodeClaims {
  readonly manager: ClaimManager;
  /** Registers the drivers. */
  readonly handler: PluginHandler;
  readonly metrics: readonly Metric[];
  /** Needs the Node. */
  start(pods: ClaimPods): void;
  /** What is prepared stays. */
  stop(): Promise<void>;
}

/** Rejects, with upstream's words, when the state of an earlier kubelet cannot be read. */
export async function openClaims({ env, client, nodeName, dir }: ClaimsOptions): Promise<NodeClaims> {
  const claims = await PreparedClaims.open(env.log, dir);
  const metrics = new ClaimMetrics(env.clock);
  const healths = new DeviceHealths(env.clock);
  const wiper = new SliceWiper(env, client, nodeName);
  const drivers = new ClaimDrivers({
    metrics,
    onUsable: (driver, isUsable) => wiper.setUsable(driver, isUsable),
    whileRegistered: (plugin) => watchHealth({ env, healths, onChange: onHealth }, plugin),
  });
  const manager = new ClaimManager({ log: env.log, client, claims, drivers, metrics, healths });
  let pods: ClaimPods | undefined;
  const onHealth = (driver: string, changed: readonly HealthyDevice[]) => {
    for (const podUid of manager.podsWith(driver, changed)) pods?.poke(podUid);
  };
  const releasing = new Repeater(env.clock, releaseIntervalMs, () =>
    manager.release((podUid) => pods?.isActive(podUid) !== false),
  );
  return {
    manager,
    handler: drivers,
    metrics: metrics.metrics(() => claims.list()),
    start(ofNode) {
      pods = ofNode;
      wiper.start();
      void ofNode.synced().then(
        () => releasing.start(0),
        () => undefined,
      );
    },
    async stop() {
      releasing.stop();
      wiper.stop();
      await drivers.close();
    },
  };
}
