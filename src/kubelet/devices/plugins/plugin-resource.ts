/** One resource of device plugins: the devices that its plugin listed last, and the plugin itself. */

import { type Device, isHealthy } from './device.ts';
import type { Endpoint } from './endpoint.ts';

export class PluginResource {
  readonly name: string;
  endpoint: Endpoint;
  /** Healthy ones count for allocatable, all count for the capacity. */
  devices: ReadonlyMap<string, Device> = new Map();
  /** A plugin is registered before it lists devices for the first time. */
  isListed = false;
  healthy: ReadonlyMap<string, Device> = new Map();

  constructor(name: string, endpoint: Endpoint) {
    this.name = name;
    this.endpoint = endpoint;
  }

  /** Returns the ids of devices whose health has changed, or that have come. */
  list(devices: readonly Device[]): string[] {
    const before = this.devices;
    this.devices = new Map(devices.map((device) => [device.id, device]));
    this.healthy = new Map([...this.devices].filter(([, device]) => isHealthy(device)));
    this.isListed = true;
    return devices.filter(({ id, health }) => before.get(id)?.health !== health).map(({ id }) => id);
  }

  /** Devices of a plugin that has gone are not healthy, for new pods. */
  losePlugin(): void {
    this.healthy = new Map();
  }
}
