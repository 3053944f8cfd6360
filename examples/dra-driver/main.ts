/** Starts the driver on its node, until SIGTERM or SIGINT. */

import { parseArgs } from 'node:util';
import { KubeConfig } from '@kubernetes/client-node';
import { startDriver } from './driver.ts';

const { values } = parseArgs({
  options: {
    socket: { type: 'string', default: '/plugin/dra.sock' },
    'kubelet-socket': { type: 'string', default: '/var/lib/kubelet/plugins/boards.example.com/dra.sock' },
    registry: { type: 'string', default: '/registration' },
    cdi: { type: 'string', default: '/var/run/cdi' },
    boards: { type: 'string', default: '/var/lib/boards' },
    count: { type: 'string', default: '1' },
    node: { type: 'string', default: process.env['NODE_NAME'] ?? '' },
  },
});

const config = new KubeConfig();
config.loadFromDefault();
const stop = await startDriver({
  config,
  nodeName: values.node,
  socketPath: values.socket,
  kubeletSocketPath: values['kubelet-socket'],
  registryDir: values.registry,
  cdiDir: values.cdi,
  boardsDir: values.boards,
  boardCount: Number(values.count),
  log: (line) => console.log(line),
});
console.log('the driver is running');
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => void stop().then(() => process.exit(0)));
}
