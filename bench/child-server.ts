/**
 * The API server of a benchmark in a child process, so that its memory and its thread can be measured: a
 * memory store unless another is given, HTTPS on loopback, and one namespace in which pods can be created.
 */

import { namespaces, pods, serviceAccounts } from '#api/generated/kinds.gen.ts';
import type { UserInfo } from '#api/meta/user.ts';
import { startKubeApiServer } from '#apiserver/server/kube-api-server.ts';
import type { Client } from '#client/client.ts';
import { createClient } from '#client/rest/client.ts';
import { systemEnv } from '#host/system-env.ts';
import { ensurePki, memoryPkiStore } from '#pki/pki.ts';
import { openMemoryStore } from '#store/memory/store.ts';
import type { LocalStore } from '#store/store.ts';
import { benchPod } from './bench-pod.ts';

const creators = 64;

export async function startChildServer(
  namespace: string,
  staticTokens?: ReadonlyMap<string, UserInfo>,
  store: LocalStore = openMemoryStore(systemEnv()),
) {
  const env = systemEnv();
  const pki = await ensurePki({ ...env, store: memoryPkiStore(), serverAddresses: ['127.0.0.1'] });
  const server = await startKubeApiServer({
    env,
    store,
    pki,
    advertiseAddress: '192.0.2.1',
    ...(staticTokens ? { staticTokens } : {}),
    listen: [{ host: '127.0.0.1', port: 0 }],
  });
  const client = createClient(server.transport({ name: 'bench', groups: ['system:masters'] }));
  await client.create(namespaces, { metadata: { name: namespace } });
  await client.create(serviceAccounts, { metadata: { name: 'default', namespace } });
  return {
    env,
    client,
    /** Sends the parent how to reach the server, and what else it asks for; the process ends with its parent. */
    announce(more: object = {}): void {
      const { certPem: cert, keyPem: key } = pki.admin();
      process.send!({ port: Number(new URL(server.urls[0]!).port), cert, key, ca: pki.ca.certPem, ...more });
      process.on('disconnect', () => process.exit(0));
    },
  };
}

/** By 64 clients side by side; `nameOf` names the pod of a number from 0. */
export async function createPods(
  client: Client,
  namespace: string,
  podCount: number,
  nameOf: (number: number) => string,
): Promise<void> {
  let next = 0;
  const creator = async () => {
    for (let i = next++; i < podCount; i = next++) {
      await client.create(pods, benchPod(namespace, nameOf(i)));
    }
  };
  await Promise.all(Array.from({ length: creators }, creator));
}
