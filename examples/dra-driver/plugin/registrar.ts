/** Registers the driver with the kubelet of its node. */

import { serve } from '../protocol/service.ts';

export interface RegistrarOptions {
  readonly driverName: string;
  /** The driver's socket, as the kubelet sees it: below `/var/lib/kubelet/plugins`. */
  readonly kubeletSocketPath: string;
  /** `plugins_registry` of the kubelet. */
  readonly registryDir: string;
  readonly log: (line: string) => void;
}

/** The newest first: the kubelet takes the first that it speaks. */
const services = ['v1.DRAPlugin', 'v1alpha1.DRAResourceHealth'];

/** Returns what ends it, and with it the registration. */
export function startRegistrar(options: RegistrarOptions): Promise<() => Promise<void>> {
  const { driverName: name, kubeletSocketPath: endpoint } = options;
  return serve(`${options.registryDir}/${name}-reg.sock`, {
    Registration: {
      answers: {
        GetInfo: () => ({ type: 'DRAPlugin', name, endpoint, supportedVersions: services }),
        NotifyRegistrationStatus({ pluginRegistered, error }) {
          options.log(pluginRegistered ? 'registered with the kubelet' : `not registered: ${error}`);
          return {};
        },
      },
    },
  });
}
