/**
 * A whole API server on a memory store for tests: everyone may do everything unless the test says otherwise.
 */

import type { UserInfo } from '#api/meta/user.ts';
import { loadSchema } from '#api/schema/load-schema.ts';
import type { Env } from '#base/env.ts';
import { createClient } from '#client/rest/client.ts';
import type { MemoryWatch } from '#host/processes/memory-watch.ts';
import { systemEnv } from '#host/system-env.ts';
import { openMemoryStore } from '#store/memory/store.ts';
import type { Store } from '#store/store.ts';
import { Admission } from '../admission/admission.ts';
import type { AdmissionPlugin } from '../contract/admission.ts';
import type { Authorizer } from '../contract/authorization.ts';
import type { SpecialHandler } from '../contract/special-handler.ts';
import { builtInKinds } from '../registry/built-in.ts';
import { type ApiServerOptions, startApiServer } from '../server.ts';
import { ServerStorage } from '../storage/server-storage.ts';

export const admin: UserInfo = { name: 'admin', groups: ['system:masters', 'system:authenticated'] };

export const allowAll: Authorizer = {
  name: 'always-allow',
  authorize: () => ({ decision: 'allow', reason: '' }),
};

export interface TestServerOptions extends Partial<Omit<ApiServerOptions, 'storage'>> {
  readonly env?: Env;
  readonly store?: Store;
  readonly memory?: Omit<MemoryWatch, 'stop'>;
  readonly specialHandlers?: readonly SpecialHandler[];
  /** Default none. */
  readonly admission?: readonly AdmissionPlugin[];
}

export async function startTestServer(options: TestServerOptions = {}) {
  const { env = systemEnv(), memory, specialHandlers = [], admission: plugins = [], ...rest } = options;
  const admission = new Admission();
  admission.begin(plugins);
  const store = options.store ?? openMemoryStore(env);
  const storage = new ServerStorage({
    env,
    store,
    admission,
    ...(memory ? { memory } : {}),
  });
  storage.resources.begin(builtInKinds(loadSchema(), specialHandlers, []));
  const server = await startApiServer({ storage, authenticators: [], authorizers: [allowAll], ...rest });
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
