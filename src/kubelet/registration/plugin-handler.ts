/** What registers one type of plugin with the kubelet: CSI drivers, DRA drivers, device plugins. */

export interface PluginInfo {
  /** As the plugin says; that of its handler. */
  readonly type: string;
  /** The driver's name. */
  readonly name: string;
  /** The plugin's own socket, on the machine. */
  readonly endpoint: string;
  readonly supportedVersions: readonly string[];
}

export interface PluginHandler {
  /** `CSIPlugin`, `DRAPlugin` or `DevicePlugin`. */
  readonly type: string;
  /** Throws when this plugin can never be registered as it is; the plugin gets the message. */
  validate(plugin: PluginInfo): void;
  /** Returns what takes the registration back. The plugin gets the message of a rejection. */
  register(plugin: PluginInfo): Promise<() => Promise<void>>;
}
