/** Registers the driver with the kubelet of its node, as the side-car `node-driver-registrar` does. */

import { connect, serve } from '../protocol/service.ts';

export interface RegistrarOptions {
  /** The driver's socket, as this process sees it. */
  readonly socketPath: string;
  /** The same, as the kubelet sees it: below `/var/lib/kubelet/plugins`. */
  readonly kubeletSocketPath: string;
  /** `plugins_registry` of the kubelet. */
  readonly registryDir: string;
  readonly log: (line: string) => void;
}

/** Returns what ends it, and with it the registration. */
export async function startRegistrar(options: RegistrarOptions): Promise<() => Promise<void>> {
  const driver = connect(options.socketPath);
  const { name } = await driver.call('Identity', 'GetPluginInfo', {});
  driver.close();
  return serve(`${options.registryDir}/${name}-reg.sock`, {
    Registration: {
      GetInfo: () => ({
        type: 'CSIPlugin',
        name,
        endpoint: options.kubeletSocketPath,
        supportedVersions: ['1.0.0'],
      }),
      NotifyRegistrationStatus({ pluginRegistered, error }) {
        options.log(pluginRegistered ? 'registered with the kubelet' : `not registered: ${error}`);
        return {};
      },
    },
  });
}
