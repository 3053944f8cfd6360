/** Starts the driver, or what stands beside it: `main.ts driver` or `main.ts sidecars`; until SIGTERM or SIGINT. */

import { parseArgs } from 'node:util';
import { KubeConfig } from '@kubernetes/client-node';
import { startDriver } from './driver.ts';
import { startSidecars } from './sidecars/sidecars.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    socket: { type: 'string', default: '/csi/csi.sock' },
    storage: { type: 'string', default: '/volumes' },
    registry: { type: 'string', default: '/registration' },
    'kubelet-socket': {
      type: 'string',
      default: '/var/lib/kubelet/plugins/folders.csi.example.com/csi.sock',
    },
    node: { type: 'string', default: process.env['NODE_NAME'] ?? '' },
  },
});

async function start(): Promise<() => Promise<void>> {
  const { socket: socketPath, node: nodeName } = values;
  if (positionals[0] === 'driver') return startDriver({ socketPath, nodeName, storageDir: values.storage });
  const config = new KubeConfig();
  config.loadFromDefault();
  return startSidecars({
    config,
    nodeName,
    socketPath,
    kubeletSocketPath: values['kubelet-socket'],
    registryDir: values.registry,
    log: (line) => console.log(line),
  });
}

const stop = await start();
console.log(`${positionals[0]} is running`);
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => void stop().then(() => process.exit(0)));
}
