/** What a node has of the resources of device plugins. Upstream: `GetCapacity` of manager.go. */

import type { PluginResource } from './plugin-resource.ts';

export interface Amounts {
  /** All devices. Zero where the plugin has gone for good. */
  readonly capacity: Record<string, string>;
  /** The healthy ones. */
  readonly allocatable: Record<string, string>;
}

export class DeviceAmounts {
  readonly #resources: Map<string, PluginResource>;
  /** Resources that the Node has named since the start of this kubelet. */
  readonly #gone = new Set<string>();

  constructor(resources: Map<string, PluginResource>) {
    this.#resources = resources;
  }

  /** Removes resources whose plugin has been gone for the grace period. */
  read(): { amounts: Amounts; removed: boolean } {
    let removed = false;
    for (const { name, endpoint, isListed } of [...this.#resources.values()]) {
      if (!isListed || !endpoint.isGracePeriodOver) continue;
      this.#resources.delete(name);
      this.#gone.add(name);
      removed = true;
    }
    const capacity: Record<string, string> = {};
    const allocatable: Record<string, string> = {};
    for (const name of this.#gone) capacity[name] = allocatable[name] = '0';
    for (const { name, devices, healthy, isListed } of this.#resources.values()) {
      if (!isListed) continue;
      capacity[name] = String(devices.size);
      allocatable[name] = String(healthy.size);
    }
    return { amounts: { capacity, allocatable }, removed };
  }
}
