/** A whole API server on a memory store for tests: everyone may do everything unless the test says otherwise. */

import type { UserInfo } from '#api/meta/user.ts';
import type { Env } from '#base/env.ts';
import { createClient } from '#client/rest/client.ts';
import { systemEnv } from '#host/system-env.ts';
import { openMemoryStore } from '#store/memory/store.ts';
import type { Authorizer } from '../contract/contract.ts';
import { type ApiServerOptions, startApiServer } from '../server.ts';

export const admin: UserInfo = { name: 'admin', groups: ['system:masters', 'system:authenticated'] };

export const allowAll: Authorizer = {
  name: 'always-allow',
  authorize: () => ({ decision: 'allow', reason: '' }),
};

export async function startTestServer(options: Partial<ApiServerOptions> = {}) {
  const env: Env = options.env ?? systemEnv();
  const store = options.store ?? openMemoryStore(env);
  const server = await startApiServer({
    env,
    store,
    authenticators: [],
    authorizers: [allowAll],
    admission: () => [],
    specialHandlers: [],
    storageHooks: () => [],
    ...options,
  });
  const transport = server.transport(admin);
  return {
    env,
    store,
    server,
    transport,
    client: createClient(transport),
    async stop() {
      await server.stop();
      if (!options.store) await store.close();
    },
  };
}
