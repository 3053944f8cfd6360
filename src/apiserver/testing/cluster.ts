/** A whole API server with RBAC and admission on a memory store, for tests: gone when the test ends. */

import type { TestContext } from 'node:test';
import { serviceAccounts } from '#api/generated/kinds.gen.ts';
import type { Clock } from '#base/clock.ts';
import type { Client } from '#client/client.ts';
import { createClient } from '#client/rest/client.ts';
import { systemEnv } from '#host/system-env.ts';
import { ensurePki, memoryPkiStore } from '#pki/pki.ts';
import { openMemoryStore } from '#store/memory/store.ts';
import { type KubeApiServerOptions, startKubeApiServer } from '../kube-api-server.ts';

export const adminUser = { name: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] };

export async function startTestCluster(
  t: TestContext,
  clock?: Clock,
  special: Pick<KubeApiServerOptions, 'serviceCidr'> = {},
) {
  const env = { ...systemEnv(), ...(clock ? { clock } : {}) };
  const pki = await ensurePki({ ...env, store: memoryPkiStore() });
  const store = openMemoryStore(env);
  const options = { env, store, pki, advertiseAddress: '192.0.2.1', ...special };
  const server = await startKubeApiServer({ ...options, listen: [{ host: '127.0.0.1', port: 0 }] });
  t.after(async () => {
    await server.stop();
    await store.close();
  });
  const client = createClient(server.transport(adminUser));
  /** A client of another user. */
  const as = (name: string, ...groups: string[]): Client =>
    createClient(server.transport({ name, groups: [...groups, 'system:authenticated'] }));
  return { env, pki, store, options, server, client, as };
}

/** What the service account controller would do, without which no pod is admitted. */
export async function createDefaultAccount(client: Client, namespace = 'default'): Promise<void> {
  await client.create(serviceAccounts, { metadata: { name: 'default', namespace } });
}
