/** CSI on one node: the drivers that register here, its CSINode, and the plugin of their volumes. */

import { csiDrivers } from '#api/generated/kinds.gen.ts';
import type { CSIDriver } from '#api/generated/types.gen.ts';
import type { Env } from '#base/env.ts';
import type { Metric } from '#base/metrics/metric.ts';
import type { Client } from '#client/client.ts';
import type { Informer, Informers } from '#client/informers/informer.ts';
import type { KubeletRoot } from '../paths/kubelet-root.ts';
import type { PluginHandler } from '../registration/plugin-handler.ts';
import type { VolumePlugin } from '../volumes/volume.ts';
import { Attachments } from './attachment.ts';
import { CsiMetrics } from './csi-metrics.ts';
import { CsiDrivers } from './drivers.ts';
import { NodeRecord } from './record/node-record.ts';
import { VolumeLimits } from './volume-limits.ts';
import { csiPlugin } from './volumes/csi-plugin.ts';
import type { CsiParts } from './volumes/parts.ts';
import { Stages } from './volumes/stages.ts';
import { VolumesInUse } from './volumes-in-use.ts';

export interface CsiOptions {
  readonly env: Env;
  readonly client: Client;
  readonly informers: Informers;
  readonly nodeName: string;
  readonly root: KubeletRoot;
}

export interface Csi {
  readonly plugin: VolumePlugin;
  /** What the status of the node is to list. */
  readonly volumesInUse: VolumesInUse;
  readonly metrics: readonly Metric[];
  /** Registers the drivers. */
  readonly handler: PluginHandler;
  /** Makes the CSINode; needs the Node. */
  initialize(): Promise<void>;
  /** Drivers and their volumes stay. */
  stop(): Promise<void>;
}

export async function startCsi(options: CsiOptions): Promise<Csi> {
  const { env, client, informers, nodeName, root } = options;
  const record = new NodeRecord(env, client, nodeName);
  const metrics = new CsiMetrics(env.clock);
  const drivers = new CsiDrivers(root, record, metrics);
  const inUse = new VolumesInUse();
  const attachments = new Attachments(env, client, nodeName, inUse);
  const objects = informers.for(csiDrivers);
  const limits = new VolumeLimits(env, objects, drivers);
  drivers.subscribe((name) => limits.sync(name));
  const parts = { client, nodeName, drivers, attachments, inUse, limits, ...driverObjects(objects) };
  const stages = new Stages(parts);
  await stages.restore({ pluginsDir: root.machineDir('plugins') });
  return {
    plugin: csiPlugin(parts, stages),
    volumesInUse: inUse,
    metrics: metrics.metrics,
    handler: drivers,
    initialize: () => record.initialize(),
    async stop() {
      limits.stop();
      await drivers.close();
    },
  };
}

function driverObjects(objects: Informer<CSIDriver>): Pick<CsiParts, 'driverObject' | 'cachedDriverObject'> {
  return {
    async driverObject(name) {
      await objects.synced();
      return objects.get(undefined, name);
    },
    cachedDriverObject: (name) => objects.get(undefined, name),
  };
}
