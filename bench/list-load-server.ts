/**
 * The server of bench/list-load.ts, in a process of its own so that its memory can be measured: filled with
 * pods, then its address is sent to the parent.
 */

import { namespaces, pods, serviceAccounts } from '#api/generated/kinds.gen.ts';
import { startKubeApiServer } from '#apiserver/kube-api-server.ts';
import { createClient } from '#client/rest/client.ts';
import { releaseMemoryInQuiet } from '#host/processes/memory-release.ts';
import { systemEnv } from '#host/system-env.ts';
import { ensurePki, memoryPkiStore } from '#pki/pki.ts';
import { openMemoryStore } from '#store/memory/store.ts';
import { benchPod } from './bench-pod.ts';

const podCount = Number(process.argv[2]);
const namespace = 'load';
const creators = 64;

const env = systemEnv();
const store = openMemoryStore(env);
const pki = await ensurePki({ ...env, store: memoryPkiStore(), serverAddresses: ['127.0.0.1'] });
const server = await startKubeApiServer({
  env,
  store,
  pki,
  advertiseAddress: '192.0.2.1',
  listen: [{ host: '127.0.0.1', port: 0 }],
});
const client = createClient(server.transport({ name: 'bench', groups: ['system:masters'] }));
await client.create(namespaces, { metadata: { name: namespace } });
await client.create(serviceAccounts, { metadata: { name: 'default', namespace } });
let next = 0;
await Promise.all(
  Array.from({ length: creators }, async () => {
    for (let i = next++; i < podCount; i = next++) {
      await client.create(pods, benchPod(namespace, `pod-${String(i).padStart(6, '0')}`));
    }
  }),
);
const { certPem: cert, keyPem: key } = pki.admin();
// As a cluster's process does.
releaseMemoryInQuiet(env.clock);
process.send!({ port: Number(new URL(server.urls[0]!).port), cert, key, ca: pki.ca.certPem });
process.on('disconnect', () => process.exit(0));
