/**
 * The API server of tests: a real one, on a memory store and a virtual clock, reachable from inside the
 * process, and stopped at the end of the block.
 *
 *     await using api = await startTestServer();
 *     await api.client.create(configMaps, …);
 *
 * `setup: 'kubernetes'` adds what a cluster's own server has: RBAC, the default admission plugins, service
 * addresses and bootstrap objects. `https: true` adds a listener on the loopback, with certificates.
 */

import assert from 'node:assert/strict';
import { serviceAccounts } from '#api/generated/kinds.gen.ts';
import { apiserverUser, type UserInfo } from '#api/meta/user.ts';
import { loadSchema } from '#api/schema/load-schema.ts';
import { Admission } from '#apiserver/admission/admission.ts';
import { anonymousAuthenticator } from '#apiserver/authn/anonymous.ts';
import { clientCertificateAuthenticator } from '#apiserver/authn/client-certificate.ts';
import type { AdmissionPlugin } from '#apiserver/contract/admission.ts';
import type { Authorizer } from '#apiserver/contract/authorization.ts';
import type { SpecialHandler } from '#apiserver/contract/special-handler.ts';
import { beginCustomResources } from '#apiserver/custom-resources/start.ts';
import { builtInKinds } from '#apiserver/registry/built-in.ts';
import type { ServableKind } from '#apiserver/registry/served-resource.ts';
import { startKubeApiServer } from '#apiserver/server/kube-api-server.ts';
import type { KubeApiServerOptions } from '#apiserver/server/kube-options.ts';
import { type ApiServer, type ApiServerOptions, startApiServer } from '#apiserver/server/server.ts';
import { ServerStorage } from '#apiserver/storage/server-storage.ts';
import { bindingHandlers } from '#apiserver/subresources/binding.ts';
import { evictionHandler } from '#apiserver/subresources/eviction.ts';
import type { Env } from '#base/env.ts';
import type { Client } from '#client/client.ts';
import { createClient } from '#client/rest/client.ts';
import { bodyBytes } from '#client/transport/body.ts';
import type { Transport } from '#client/transport/transport.ts';
import type { MemoryWatch } from '#host/memory/watch.ts';
import { systemEnv } from '#host/system-env.ts';
import { ensurePki, memoryPkiStore, type Pki } from '#pki/pki.ts';
import { openMemoryStore } from '#store/memory/store.ts';
import type { Store } from '#store/store.ts';
import { VirtualClock } from '../virtual-clock.ts';

export const adminUser: UserInfo = {
  name: 'kubernetes-admin',
  groups: ['system:masters', 'system:authenticated'],
};

export const allowAll: Authorizer = {
  name: 'always-allow',
  authorize: () => ({ decision: 'allow', reason: '' }),
};

interface CommonOptions {
  /** Default: a virtual clock, or the machine's with `https`; the machine's chance; a silent log. */
  readonly env?: Partial<Env>;
  /** Stays open when the server stops. Default: a memory store of the server's own. */
  readonly store?: Store;
  /** Default false: reachable from inside the process only. */
  readonly https?: boolean;
  /** Default: certificates of the server's own, where it needs some. */
  readonly pki?: Pki;
  /** Kinds that are served besides the built-in ones. */
  readonly kinds?: readonly ServableKind[];
}

/** Every caller may do everything and nothing is admitted or defaulted by plugins, unless it is given here. */
interface OpenOptions extends CommonOptions, Partial<Omit<ApiServerOptions, 'storage' | 'listen' | 'tls'>> {
  readonly setup?: 'open';
  /** Default: none. */
  readonly admission?: readonly AdmissionPlugin[];
  /** Default: `pods/binding`, `bindings` and `pods/eviction`. */
  readonly specialHandlers?: readonly SpecialHandler[];
  /** Default false: definitions of custom resources are stored and nothing comes of them. */
  readonly customResources?: boolean;
  /** Default: never tight. */
  readonly memory?: Omit<MemoryWatch, 'stop'>;
}

/** As a cluster has it; `advertiseAddress` defaults to 192.0.2.1. */
interface KubernetesOptions
  extends CommonOptions,
    Partial<Omit<KubeApiServerOptions, 'env' | 'store' | 'pki' | 'listen'>> {
  readonly setup: 'kubernetes';
}

export type TestServerOptions = OpenOptions | KubernetesOptions;

export interface TestServer extends AsyncDisposable {
  readonly env: Env;
  readonly store: Store;
  readonly server: ApiServer;
  /** Of `adminUser`, in process. */
  readonly transport: Transport;
  /** Of `adminUser`, in process. */
  readonly client: Client;
  /** In process, as another user, who is in `system:authenticated` too. */
  as(name: string, ...groups: string[]): Client;
  /** The text of `/metrics`, as `adminUser` gets it. */
  metrics(): Promise<string>;
  readonly pki: Pki;
  /** `https://127.0.0.1:PORT`; throws without `https`. */
  readonly url: string;
  readonly port: number;
  /** Starts another API server over the same store, with the same certificates and clock. */
  another(changes?: Partial<TestServerOptions>): Promise<TestServer>;
  stop(): Promise<void>;
}

export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const env = { ...systemEnv(), ...(options.https ? {} : { clock: new VirtualClock() }), ...options.env };
  const store = options.store ?? openMemoryStore(env);
  const needsPki = options.https || options.setup === 'kubernetes';
  const pki = options.pki ?? (needsPki ? await ensurePki({ ...env, store: memoryPkiStore() }) : undefined);
  const base = { env, store, pki };
  const server = await (options.setup === 'kubernetes'
    ? startKubernetes(options, base)
    : startOpen(options, base));
  for (const kind of options.kinds ?? []) await server.resources.add(kind);
  const stop = async () => {
    await server.stop();
    if (!options.store) await store.close();
  };
  const transport = server.transport(adminUser);
  return {
    env,
    store,
    server,
    transport,
    client: createClient(transport),
    as: (name, ...groups) =>
      createClient(server.transport({ name, groups: [...groups, 'system:authenticated'] })),
    async metrics() {
      const request = { method: 'GET', path: '/metrics', headers: {} };
      return (await bodyBytes(await transport.request(request))).toString();
    },
    get pki() {
      assert(pki, 'no certificates: start this test server with `https: true`');
      return pki;
    },
    get url() {
      return urlOf(server);
    },
    get port() {
      return Number(new URL(urlOf(server)).port);
    },
    another: (changes = {}) =>
      startTestServer({ ...options, env, store, ...(pki ? { pki } : {}), ...changes } as TestServerOptions),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

interface Base {
  readonly env: Env;
  readonly store: Store;
  readonly pki: Pki | undefined;
}

function urlOf({ urls }: ApiServer): string {
  const [url] = urls;
  assert(url, 'no listener: start this test server with `https: true`');
  return url;
}

const loopback = { host: '127.0.0.1', port: 0 };

async function startOpen(options: OpenOptions, { env, store, pki }: Base): Promise<ApiServer> {
  const { admission: plugins = [], specialHandlers, memory, customResources, ...rest } = options;
  const admission = new Admission();
  admission.begin(plugins);
  const storage = new ServerStorage({ env, store, admission, ...(memory ? { memory } : {}) });
  const handlers = specialHandlers ?? [...bindingHandlers, evictionHandler];
  storage.resources.begin(builtInKinds(loadSchema(), handlers, []));
  const https = options.https && pki ? securedBy(pki, env) : { authenticators: [] };
  const custom = customResources ? await beginCustomResources(storage) : undefined;
  const server = await startApiServer({ storage, authorizers: [allowAll], ...https, ...rest });
  if (custom) server.beforeStop(custom.start(createClient(server.transport(apiserverUser))));
  return server;
}

function securedBy({ ca, server }: Pki, { clock }: Env) {
  return {
    authenticators: [clientCertificateAuthenticator({ caPem: ca.certPem, clock }), anonymousAuthenticator],
    tls: { cert: server.certPem, key: server.keyPem, clientCa: ca.certPem },
    listen: [loopback],
  };
}

function startKubernetes(options: KubernetesOptions, { pki, ...base }: Base): Promise<ApiServer> {
  assert(pki);
  const { https, advertiseAddress = '192.0.2.1', ...rest } = options;
  const listen = https ? { listen: [loopback] } : {};
  return startKubeApiServer({ ...rest, ...base, pki, advertiseAddress, ...listen });
}

/** What the service account controller would do, without which no pod is admitted. */
export async function createDefaultAccount(client: Client, namespace = 'default'): Promise<void> {
  await client.create(serviceAccounts, { metadata: { name: 'default', namespace } });
}
