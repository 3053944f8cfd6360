/** A real API server on a memory store for tests: every caller has full rights. */

import { loadSchema } from '#api/schema/load-schema.ts';
import { Admission } from '#apiserver/admission/admission.ts';
import { clientCertificateAuthenticator } from '#apiserver/authn/client-certificate.ts';
import { builtInKinds } from '#apiserver/registry/built-in.ts';
import { startApiServer } from '#apiserver/server.ts';
import { ServerStorage } from '#apiserver/storage/server-storage.ts';
import { bindingHandlers } from '#apiserver/subresources/binding.ts';
import { evictionHandler } from '#apiserver/subresources/eviction.ts';
import type { Env } from '#base/env.ts';
import type { Client } from '#client/client.ts';
import { createClient } from '#client/rest/client.ts';
import { httpsTransport } from '#client/transport/https.ts';
import { systemEnv } from '#host/system-env.ts';
import { ensurePki, memoryPkiStore, type Pki } from '#pki/pki.ts';
import { openMemoryStore } from '#store/memory/store.ts';

export interface TestServer {
  readonly env: Env;
  readonly client: Client;
  close(): Promise<void>;
}

/** Clients call it in process. */
export async function openInProcess(env: Env = systemEnv()): Promise<TestServer> {
  const { server, close } = await start(env);
  const transport = server.transport({ name: 'admin', groups: ['system:masters'] });
  return { env, client: createClient(transport), close };
}

let sharedPki: Promise<Pki> | undefined;

/** Clients connect over HTTPS with a client certificate. */
export async function openHttps(env: Env = systemEnv()): Promise<TestServer> {
  sharedPki ??= ensurePki({ ...env, store: memoryPkiStore() });
  const pki = await sharedPki;
  const { server, close } = await start(env, pki);
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  const { certPem, keyPem } = pki.admin();
  const transport = httpsTransport({
    server: `https://127.0.0.1:${port}`,
    ca: pki.ca.certPem,
    cert: certPem,
    key: keyPem,
  });
  return {
    env,
    client: createClient(transport),
    async close() {
      await transport.close();
      await close();
    },
  };
}

async function start(env: Env, pki?: Pki) {
  const store = openMemoryStore(env);
  const storage = new ServerStorage({ env, store, admission: new Admission() });
  storage.resources.begin(builtInKinds(loadSchema(), [...bindingHandlers, evictionHandler], []));
  const server = await startApiServer({
    storage,
    authenticators: pki ? [clientCertificateAuthenticator({ caPem: pki.ca.certPem, clock: env.clock })] : [],
    authorizers: [{ name: 'always-allow', authorize: () => ({ decision: 'allow', reason: '' }) }],
    ...(pki ? { tls: { cert: pki.server.certPem, key: pki.server.keyPem, clientCa: pki.ca.certPem } } : {}),
  });
  return {
    server,
    async close() {
      await server.stop();
      await store.close();
    },
  };
}
