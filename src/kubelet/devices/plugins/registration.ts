/**
 * How device plugins register: at `kubelet.sock` in `device-plugins`, which each start of the kubelet makes again: plugins
 * watch it and register again then; or by a registration socket of their own. Upstream:
 * pkg/kubelet/cm/devicemanager/plugin/v1beta1.
 */

import { posix } from 'node:path';
import { isExtendedResource } from '#api/validation/extended-resource.ts';
import { ensureDirectory } from '#host/files/files.ts';
import { removeSockets } from '#host/files/socket-files.ts';
import { ServiceServer } from '../../grpc/service-server.ts';
import type { Message } from '../../grpc/service-types.ts';
import type { PluginHandler } from '../../registration/plugin-handler.ts';
import description from './deviceplugin.gen.json' with { type: 'json' };

const version = 'v1beta1';

/** Connects to a plugin; resolves to what disconnects it. */
export type ConnectPlugin = (resource: string, socketPath: string) => Promise<() => Promise<void>>;

interface RegisterRequest {
  readonly version: string;
  /** The name of the plugin's socket in the same folder. */
  readonly endpoint: string;
  readonly resourceName: string;
}

/** `onRequest` is called for each request at kubelet.sock, also for those that are rejected. */
export async function serveRegistration(
  folder: string,
  connect: ConnectPlugin,
  onRequest: (resource: string) => void,
): Promise<ServiceServer> {
  await ensureDirectory(folder);
  await removeSockets(folder);
  const register = async (message: Message) => {
    const { version: wanted, endpoint, resourceName } = message as unknown as RegisterRequest;
    onRequest(resourceName);
    if (wanted !== version) {
      const [given, supported] = [JSON.stringify(wanted), JSON.stringify([version])];
      throw new Error(
        `requested API version ${given} is not supported by kubelet. Supported version is ${supported}`,
      );
    }
    checkResource(resourceName);
    await connect(resourceName, posix.join(folder, endpoint));
    return {};
  };
  const methods = { Registration: { Register: register } };
  return ServiceServer.listen(`${folder}/kubelet.sock`, { description, methods });
}

export function devicePluginHandler(connect: ConnectPlugin): PluginHandler {
  return {
    type: 'DevicePlugin',
    validate({ name, supportedVersions }) {
      if (!supportedVersions.includes(version)) {
        const supported = supportedVersions.join(' ');
        throw new Error(`manager version, ${version}, is not among plugin supported versions [${supported}]`);
      }
      try {
        checkResource(name);
      } catch (error) {
        throw new Error(`invalid name of device plugin socket: ${(error as Error).message}`);
      }
    },
    register: ({ name, endpoint }) => connect(name, endpoint),
  };
}

function checkResource(name: string): void {
  if (!isExtendedResource(name)) throw new Error(`the ResourceName ${JSON.stringify(name)} is invalid`);
}
