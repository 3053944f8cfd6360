/**
 * The CSI drivers that are registered on this node. Upstream: RegistrationHandler of pkg/volume/csi.
 *
 * A driver registers with its name, its socket and its versions; the kubelet asks it for the node's id,
 * topology and limit of volumes, and writes them into CSINode and Node.
 */

import { errorText } from '#base/text/error-text.ts';
import type { KubeletRoot } from '../paths/kubelet-root.ts';
import type { PluginHandler, PluginInfo } from '../registration/plugin-handler.ts';
import type { CsiMetrics } from './csi-metrics.ts';
import { type DriverVersion, highestVersion, isLess } from './driver-version.ts';
import { csiText, NodeCalls } from './node-calls.ts';
import type { NodeRecord } from './record/node-record.ts';

interface Driver {
  readonly version: DriverVersion;
  readonly calls: NodeCalls;
}

export class CsiDrivers implements PluginHandler {
  readonly type = 'CSIPlugin';
  readonly #root: KubeletRoot;
  readonly #metrics: CsiMetrics;
  readonly #record: Pick<NodeRecord, 'addDriver' | 'removeDriver'>;
  readonly #drivers = new Map<string, Driver>();
  #onChange: (name: string) => void = () => undefined;

  constructor(
    root: KubeletRoot,
    record: Pick<NodeRecord, 'addDriver' | 'removeDriver'>,
    metrics: CsiMetrics,
  ) {
    this.#root = root;
    this.#metrics = metrics;
    this.#record = record;
  }

  /** `onChange` is called with the name of a driver that was registered or deregistered. */
  subscribe(onChange: (name: string) => void): void {
    this.#onChange = onChange;
  }

  isRegistered(name: string): boolean {
    return this.#drivers.has(name);
  }

  /** Asks the driver for what CSINode and Node say of it, and writes that. Throws when it is not registered. */
  async update(name: string): Promise<void> {
    await this.#record.addDriver(name, await this.get(name).getInfo());
  }

  /** Throws when no driver of the name is registered. */
  get(name: string): NodeCalls {
    const driver = this.#drivers.get(name);
    if (!driver) throw new Error(`driver name ${name} not found in the list of registered CSI drivers`);
    return driver.calls;
  }

  validate(plugin: PluginInfo): void {
    try {
      this.#versionOf(plugin, 'ValidatePlugin');
    } catch (error) {
      const { name, endpoint } = plugin;
      const where = `CSI Driver ${name} at endpoint ${endpoint}`;
      throw new Error(`validation failed for ${where}: ${errorText(error)}`);
    }
  }

  async register(plugin: PluginInfo): Promise<() => Promise<void>> {
    const { name, endpoint } = plugin;
    const version = this.#versionOf(plugin, 'RegisterPlugin');
    const driver = { version, calls: await NodeCalls.open({ name, endpoint }, this.#root, this.#metrics) };
    const replaced = this.#drivers.get(name);
    this.#drivers.set(name, driver);
    await replaced?.calls.close();
    try {
      await this.#record.addDriver(name, await driver.calls.getInfo());
    } catch (error) {
      // The reason of the failure is worth more than that of a record that stays as it was.
      await this.#deregister(name, driver).catch(() => undefined);
      throw error;
    }
    this.#onChange(name);
    return () => this.#deregister(name, driver);
  }

  async close(): Promise<void> {
    for (const { calls } of this.#drivers.values()) await calls.close();
    this.#drivers.clear();
  }

  /** A driver that was replaced meanwhile leaves its successor's record alone. */
  async #deregister(name: string, driver: Driver): Promise<void> {
    await driver.calls.close();
    if (this.#drivers.get(name) !== driver) return;
    this.#drivers.delete(name);
    this.#onChange(name);
    await this.#record.removeDriver(name);
  }

  #versionOf({ name, supportedVersions }: PluginInfo, caller: string): DriverVersion {
    const failed = csiText(`${caller} for CSI driver ${JSON.stringify(name)} failed.`);
    if (supportedVersions.length === 0) {
      throw new Error(`${failed} Plugin returned an empty list for supported versions`);
    }
    const version = this.#highest(failed, supportedVersions);
    const existing = this.#drivers.get(name)?.version;
    if (existing && !isLess(existing, version)) {
      const higher = `${existing.major}.${existing.minor}.${existing.patch}`;
      const why = 'Another driver with the same name is already registered with a higher supported version';
      throw new Error(`${failed} ${why}: "${higher}"`);
    }
    return version;
  }

  #highest(failed: string, versions: readonly string[]): DriverVersion {
    try {
      return highestVersion(versions);
    } catch (error) {
      const listed = `[${versions.map((version) => JSON.stringify(version)).join(' ')}]`;
      const why = `None of the versions specified ${listed} are supported. err=${errorText(error)}`;
      throw new Error(`${failed} ${why}`);
    }
  }
}
