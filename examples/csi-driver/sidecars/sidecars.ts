/** What stands beside the driver: each part speaks to it over its socket, and to the cluster for it. */

import { setTimeout as delay } from 'node:timers/promises';
import type { KubeConfig } from '@kubernetes/client-node';
import { connect } from '../protocol/service.ts';
import { startAttacher } from './attacher.ts';
import { startProvisioner } from './provisioner.ts';
import { type RegistrarOptions, startRegistrar } from './registrar.ts';
import { startResizer } from './resizer.ts';

export interface SidecarOptions extends RegistrarOptions {
  readonly config: KubeConfig;
  readonly nodeName: string;
}

/** Returns what ends them. */
export async function startSidecars(options: SidecarOptions): Promise<() => Promise<void>> {
  const { config, nodeName, socketPath } = options;
  const driver = connect(socketPath);
  const driverName = await nameOfDriver(socketPath);
  const stopping = new AbortController();
  const parts = { config, driver, driverName, nodeName, stopped: stopping.signal };
  await startProvisioner(parts);
  await startAttacher(parts);
  await startResizer(parts);
  const stopRegistrar = await startRegistrar(options);
  return async () => {
    stopping.abort();
    await stopRegistrar();
    driver.close();
  };
}

/** The driver's container may start later than this one. */
async function nameOfDriver(socketPath: string): Promise<string> {
  for (;;) {
    const driver = connect(socketPath);
    try {
      return (await driver.call('Identity', 'GetPluginInfo', {}, 1000))['name'];
    } catch {
      await delay(200);
    } finally {
      driver.close();
    }
  }
}
