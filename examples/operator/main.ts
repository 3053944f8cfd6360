/** Starts the operator: in a pod with its ServiceAccount, elsewhere with KUBECONFIG; until SIGTERM or SIGINT. */

import { hostname } from 'node:os';
import { parseArgs } from 'node:util';
import { KubeConfig } from '@kubernetes/client-node';
import { startOperator } from './operator.ts';

const { values } = parseArgs({
  options: {
    /** Without it the API server reaches the webhooks through the Service. */
    'webhook-host': { type: 'string' },
    'webhook-port': { type: 'string', default: '9443' },
    namespace: { type: 'string', default: process.env['POD_NAMESPACE'] ?? 'website-system' },
    identity: { type: 'string', default: process.env['POD_NAME'] ?? `${hostname()}-${process.pid}` },
    'default-image': { type: 'string', default: 'nginx:1.29' },
    domain: { type: 'string', default: 'sites.example.com' },
  },
});

const config = new KubeConfig();
config.loadFromDefault();
const host = values['webhook-host'];
const operator = await startOperator({
  config,
  namespace: values.namespace,
  identity: values.identity,
  webhooks: { port: Number(values['webhook-port']), ...(host ? { host } : {}) },
  defaults: { image: values['default-image'], domain: values.domain },
  log: (line) => console.log(line),
});
console.log('webhooks are served');

const stop = async () => {
  await operator.stop();
  process.exit(0);
};
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop());
