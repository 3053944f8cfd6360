/** The resources of the device plugins that are connected to a node, or were until a while ago. */

import type { ResourceStatus } from '#api/generated/types.gen.ts';
import type { Env } from '#base/env.ts';
import { type Allocation, idsOf } from './allocations.ts';
import { type Amounts, DeviceAmounts } from './amounts.ts';
import type { Device } from './device.ts';
import { Endpoint } from './endpoint.ts';
import { PluginResource } from './plugin-resource.ts';

export interface ResourceListener {
  /** The plugin has listed its devices: these have come, or their health has changed. */
  onDevices(resource: string, changed: ReadonlySet<string>): void;
  /** A plugin has gone: none of its devices is allocatable. */
  onGone(): void;
}

export class PluginResources {
  readonly #env: Env;
  readonly #listener: ResourceListener;
  readonly #resources = new Map<string, PluginResource>();
  readonly #amounts = new DeviceAmounts(this.#resources);

  /** `known`: of an earlier kubelet; they have no devices until their plugins register. */
  constructor(env: Env, known: Iterable<string>, listener: ResourceListener) {
    this.#env = env;
    this.#listener = listener;
    for (const name of known) {
      const resource = new PluginResource(name, Endpoint.ofEarlierKubelet(env, name));
      resource.list([]);
      this.#resources.set(name, resource);
    }
  }

  get(name: string): PluginResource | undefined {
    return this.#resources.get(name);
  }

  /** Those whose plugins have listed devices, perhaps to an earlier kubelet. */
  listed(): PluginResource[] {
    return [...this.#resources.values()].filter(({ isListed }) => isListed);
  }

  /** Of devices that a container was allocated. One that its plugin does not list is healthy, as with upstream. */
  healthOf(allocations: ReadonlyMap<string, Allocation>): ResourceStatus[] {
    return Array.from(allocations, ([name, allocation]) => {
      const devices = this.#resources.get(name)?.devices;
      const isFine = (id: string) => (devices?.get(id)?.health ?? 'Healthy') === 'Healthy';
      const resources = Array.from(idsOf(allocation), (id) => ({
        resourceID: id,
        health: isFine(id) ? 'Healthy' : 'Unhealthy',
      }));
      return { name, resources };
    });
  }

  /** Removes resources whose plugin has been gone for the grace period. */
  amounts(): { amounts: Amounts; removed: boolean } {
    return this.#amounts.read();
  }

  /** Connects to a plugin that takes the place of an earlier one of its resource; resolves to what disconnects it. */
  async connect(name: string, socketPath: string): Promise<() => Promise<void>> {
    const endpoint = await Endpoint.connect(this.#env, name, socketPath);
    const resource = this.#resources.get(name) ?? new PluginResource(name, endpoint);
    const before = resource.endpoint;
    resource.endpoint = endpoint;
    this.#resources.set(name, resource);
    if (before !== endpoint) await before.stop();
    const following = endpoint.follow((devices) => this.#list(resource, endpoint, devices));
    void following.then(() => this.#disconnected(resource, endpoint));
    return () => endpoint.stop();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#resources.values()].map(({ endpoint }) => endpoint.stop()));
  }

  #list(resource: PluginResource, endpoint: Endpoint, devices: readonly Device[]): void {
    if (resource.endpoint !== endpoint) return;
    this.#listener.onDevices(resource.name, new Set(resource.list(devices)));
  }

  /** A plugin that has registered again in the meantime has another endpoint. */
  #disconnected(resource: PluginResource, endpoint: Endpoint): void {
    if (resource.endpoint !== endpoint) return;
    resource.losePlugin();
    // Without devices it is no resource of the node, which would go after its time.
    if (!resource.isListed) this.#resources.delete(resource.name);
    this.#listener.onGone();
  }
}
