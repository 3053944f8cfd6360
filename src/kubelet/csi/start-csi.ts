/** CSI on one node: the drivers that register here, and its CSINode. */

import type { Env } from '#base/env.ts';
import type { Client } from '#client/client.ts';
import type { KubeletRoot } from '../paths/kubelet-root.ts';
import { PluginRegistry } from '../registration/plugin-registry.ts';
import { CsiDrivers, csiPluginType } from './drivers.ts';
import { NodeRecord } from './node-record.ts';

export interface CsiOptions {
  readonly env: Env;
  readonly client: Client;
  readonly nodeName: string;
  readonly root: KubeletRoot;
}

export interface Csi {
  /** Makes the CSINode; needs the Node. */
  initialize(): Promise<void>;
  /** Registers the drivers that are there, and from now on those that come. */
  register(): Promise<void>;
  /** Drivers and their volumes stay. */
  stop(): Promise<void>;
}

export function startCsi({ env, client, nodeName, root }: CsiOptions): Csi {
  const record = new NodeRecord(env, client, nodeName);
  const drivers = new CsiDrivers(root, record);
  const registry = new PluginRegistry({ env, root, handlers: new Map([[csiPluginType, drivers]]) });
  return {
    initialize: () => record.initialize(),
    register: () => registry.start(),
    async stop() {
      registry.stop();
      await drivers.close();
    },
  };
}
