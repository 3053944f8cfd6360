/**
 * The DRA drivers that are registered on this node; a driver may have several plugins at once while it is updated.
 * Upstream: pkg/kubelet/cm/dra/plugin/dra_plugin_manager.go.
 */

import { errorText } from '#base/text/error-text.ts';
import type { PluginHandler, PluginInfo } from '../../registration/plugin-handler.ts';
import type { ClaimMetrics } from './claim-metrics.ts';
import { DriverPlugin, supportedServices } from './driver-plugin.ts';

export interface DriversOptions {
  readonly metrics: ClaimMetrics;
  /** A driver can be called, or cannot any more. */
  onUsable(driver: string, isUsable: boolean): void;
  /** Begins what goes on as long as the plugin is registered; returns what ends it. */
  whileRegistered?(plugin: DriverPlugin): () => void;
}

export class ClaimDrivers implements PluginHandler {
  readonly type = 'DRAPlugin';
  readonly #options: DriversOptions;
  /** By driver, in the order of their registration. */
  readonly #plugins = new Map<string, readonly DriverPlugin[]>();

  readonly #ends = new Map<DriverPlugin, () => void>();

  constructor(options: DriversOptions) {
    this.#options = options;
  }

  /** The newest plugin of the driver, if possible one that can be reached. Throws when none is registered. */
  get(driver: string): DriverPlugin {
    if (driver === '') throw new Error('DRA driver name is empty');
    const plugins = this.#of(driver);
    const plugin = plugins.findLast(({ isConnected }) => isConnected) ?? plugins.at(-1);
    if (!plugin) throw new Error(`DRA driver ${driver} is not registered`);
    return plugin;
  }

  validate(plugin: PluginInfo): void {
    chosenService(plugin);
  }

  async register(info: PluginInfo): Promise<() => Promise<void>> {
    const { name: driverName, endpoint } = info;
    const service = chosenService(info);
    const plugin = await DriverPlugin.open({ driverName, endpoint, service, metrics: this.#options.metrics });
    if (this.#of(driverName).some((other) => other.endpoint === endpoint)) {
      await plugin.channel.close();
      throw new Error(`endpoint ${endpoint} already registered for DRA driver plugin ${driverName}`);
    }
    this.#plugins.set(driverName, [...this.#of(driverName), plugin]);
    plugin.channel.followConnection((isConnected) => {
      plugin.isConnected = isConnected;
      this.#report(driverName);
    });
    const end = this.#options.whileRegistered?.(plugin);
    if (end) this.#ends.set(plugin, end);
    return () => this.#deregister(plugin);
  }

  async close(): Promise<void> {
    for (const plugin of [...this.#plugins.values()].flat()) await this.#end(plugin);
    this.#plugins.clear();
  }

  async #deregister(plugin: DriverPlugin): Promise<void> {
    const { driverName } = plugin;
    const others = this.#of(driverName).filter((other) => other !== plugin);
    if (others.length > 0) this.#plugins.set(driverName, others);
    else this.#plugins.delete(driverName);
    await this.#end(plugin);
    this.#report(driverName);
  }

  async #end(plugin: DriverPlugin): Promise<void> {
    this.#ends.get(plugin)?.();
    this.#ends.delete(plugin);
    await plugin.channel.close();
  }

  #of(driver: string): readonly DriverPlugin[] {
    return this.#plugins.get(driver) ?? [];
  }

  #report(driver: string): void {
    const isUsable = this.#of(driver).some(({ isConnected }) => isConnected);
    this.#options.onUsable(driver, isUsable);
  }
}

/** The first that the plugin offers and this kubelet speaks. Throws when there is none. */
function chosenService({ name, endpoint, supportedVersions }: PluginInfo): string {
  try {
    return serviceOf(supportedVersions);
  } catch (error) {
    const where = `DRA driver plugin ${name} at endpoint ${endpoint}`;
    throw new Error(`invalid supported gRPC versions of ${where}: ${errorText(error)}`);
  }
}

function serviceOf(offered: readonly string[]): string {
  if (offered.length === 0) {
    throw new Error('empty list of supported gRPC services (aka supported versions)');
  }
  const chosen = offered.find((service) => supportedServices.includes(service));
  if (chosen !== undefined) return chosen;
  throw new Error(
    `none of services supported by the plugin (${quoted(offered)}) are supported by the kubelet ` +
      `(${quoted(supportedServices)})`,
  );
}

/** As Go prints a list of texts. */
function quoted(texts: readonly string[]): string {
  return `[${texts.map((text) => JSON.stringify(text)).join(' ')}]`;
}
