/** The server of bench/huge-set.ts, with the StatefulSet controller in its process as in a cluster. */

import { namespaces, pods, serviceAccounts, statefulSets } from '#api/generated/kinds.gen.ts';
import { startKubeApiServer } from '#apiserver/kube-api-server.ts';
import { startControllers } from '#client/controllers/controller-runner.ts';
import { createInformers } from '#client/informers/informers.ts';
import { createClient } from '#client/rest/client.ts';
import { statefulSet } from '#controllers/workloads/stateful-set/stateful-set.ts';
import { systemEnv } from '#host/system-env.ts';
import { ensurePki, memoryPkiStore } from '#pki/pki.ts';
import { openMemoryStore } from '#store/memory/store.ts';
import { benchPod } from './bench-pod.ts';

export interface HugeSetTask {
  readonly by: 'set' | 'loop';
  readonly podCount: number;
}

export interface HugeSetResult {
  readonly ms: number;
}

const namespace = 'huge';
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
const informers = createInformers(client, env);
let created = 0;
const enough = Promise.withResolvers<void>();

process.once('message', async ({ by, podCount }: HugeSetTask) => {
  informers.for(pods).subscribe({ onAdd: () => void (++created >= podCount && enough.resolve()) });
  startControllers([statefulSet], { env, client, informers });
  await informers.synced();
  const beganMs = performance.now();
  if (by === 'set') await createSet();
  else await createPods(podCount);
  await enough.promise;
  process.send!({ ms: performance.now() - beganMs } satisfies HugeSetResult);
});

async function createSet(): Promise<void> {
  const { metadata, spec } = benchPod(namespace, 'brick');
  const labels = metadata!.labels!;
  await client.create(statefulSets, {
    metadata: { name: 'brick', namespace },
    spec: {
      replicas: 2 ** 31 - 1,
      podManagementPolicy: 'Parallel',
      serviceName: 'brick',
      selector: { matchLabels: labels },
      template: { metadata: { labels, annotations: metadata!.annotations! }, spec: spec! },
    },
  });
}

async function createPods(podCount: number): Promise<void> {
  let next = 0;
  const creator = async () => {
    for (let i = next++; i < podCount; i = next++) {
      await client.create(pods, benchPod(namespace, `brick-${i}`));
    }
  };
  await Promise.all(Array.from({ length: creators }, creator));
}

const { certPem: cert, keyPem: key } = pki.admin();
process.send!({ port: Number(new URL(server.urls[0]!).port), cert, key, ca: pki.ca.certPem });
process.on('disconnect', () => process.exit(0));
