/** The driver: its sockets, its registration with the kubelet, and the slices of its devices. */

import { CoreV1Api, type KubeConfig, ResourceV1Api } from '@kubernetes/client-node';
import { Boards } from './devices/boards.ts';
import { CdiFiles } from './devices/cdi-files.ts';
import { healthPlugin } from './plugin/health.ts';
import { preparePlugin } from './plugin/prepare.ts';
import { startRegistrar } from './plugin/registrar.ts';
import { serve } from './protocol/service.ts';
import { publishSlices } from './slices/publisher.ts';

export const driverName = 'boards.example.com';

export interface DriverOptions {
  readonly config: KubeConfig;
  readonly nodeName: string;
  /** As this process sees it. */
  readonly socketPath: string;
  /** As the kubelet sees it. */
  readonly kubeletSocketPath: string;
  readonly registryDir: string;
  readonly cdiDir: string;
  /** Where the boards are: the same path here and on the node. */
  readonly boardsDir: string;
  readonly boardCount: number;
  readonly log: (line: string) => void;
}

/** Returns what ends it. */
export async function startDriver(options: DriverOptions): Promise<() => Promise<void>> {
  const { config, nodeName, log } = options;
  const slices = config.makeApiClient(ResourceV1Api);
  const boards = new Boards(options.boardsDir);
  await boards.plugIn(options.boardCount);
  const stopServing = await serve(options.socketPath, {
    DRAPlugin: preparePlugin({
      driverName,
      pool: nodeName,
      boards,
      cdi: new CdiFiles(options.cdiDir, driverName),
      readClaim: (namespace, name) => slices.readNamespacedResourceClaim({ namespace, name }),
      log,
    }),
    DRAResourceHealth: healthPlugin(nodeName, boards),
  });
  // Last: from now on the kubelet calls.
  const stopRegistering = await startRegistrar({ driverName, ...options });
  const stopping = new AbortController();
  const core = config.makeApiClient(CoreV1Api);
  const devices = await boards.names();
  const publishing = publishSlices(
    { config, slices, core, driverName, nodeName, devices, log },
    stopping.signal,
  );
  return async () => {
    await stopRegistering();
    stopping.abort();
    await publishing;
    await stopServing();
  };
}
