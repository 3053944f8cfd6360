/**
 * The control plane of one cluster in this process: store, certificates, API server, default objects, controllers and
 * scheduler, each reached by the others through the API alone.
 */

import { services } from '#api/kinds.gen.ts';
import type { Service } from '#api/types.gen.ts';
import { groupAuthenticated, groupMasters, serviceAccountUser, type UserInfo } from '#api/user.ts';
import { admissionPlugins } from '#apiserver/admission/plugins.ts';
import { anonymousAuthenticator } from '#apiserver/authn/anonymous.ts';
import { clientCertificateAuthenticator } from '#apiserver/authn/client-certificate.ts';
import { serviceAccountAuthenticator, serviceAccountReviewer } from '#apiserver/authn/service-account.ts';
import { serviceAccountTokens } from '#apiserver/authn/service-account-tokens.ts';
import { defaultAuthorization } from '#apiserver/authz/authorizer.ts';
import { ensureBootstrap } from '#apiserver/bootstrap/ensure.ts';
import { kubernetesServiceAddress } from '#apiserver/bootstrap/objects.ts';
import type { ObjectReader } from '#apiserver/contract.ts';
import { ensurePki, type Pki, type PkiStore } from '#apiserver/pki/pki.ts';
import { type ApiServer, startApiServer } from '#apiserver/server.ts';
import { serviceAllocator } from '#apiserver/service-ips.ts';
import { specialHandlers } from '#apiserver/special/handlers.ts';
import { kubelets } from '#apiserver/special/kubelet-connection.ts';
import type { Env } from '#base/env.ts';
import type { Client } from '#client/client.ts';
import { startControllers } from '#client/controller-runner.ts';
import type { Informers } from '#client/informer.ts';
import { createInformers } from '#client/informers.ts';
import { createClient } from '#client/rest-client.ts';
import { controllers } from '#controllers/list.ts';
import { nodeIpam } from '#controllers/node-ipam.ts';
import { rootCaPublisher } from '#controllers/root-ca.ts';
import { startScheduler } from '#scheduler/scheduler.ts';
import type { Store } from '#store/store.ts';
import type { Parts } from './parts.ts';

export interface ControlPlaneOptions {
  readonly env: Env;
  readonly store: Store;
  readonly pkiStore: PkiStore;
  /** Where the API is served; port 0 takes a free one. */
  readonly listen: { readonly host: string; readonly port: number };
  /** The address by which pods reach the API server. */
  readonly advertiseAddress: string;
  readonly podRange: string;
  readonly serviceRange: string;
}

export interface ControlPlane {
  readonly server: ApiServer;
  readonly pki: Pki;
  readonly port: number;
  /** Everything kybern itself does with full rights. */
  readonly admin: Client;
  /** Shared by everything in this process. */
  readonly informers: Informers;
}

const adminUser: UserInfo = { name: 'system:apiserver', groups: [groupMasters, groupAuthenticated] };
const schedulerUser: UserInfo = { name: 'system:kube-scheduler', groups: [groupAuthenticated] };

/** The API answers when this resolves. */
export async function startApi(options: ControlPlaneOptions, parts: Parts): Promise<ControlPlane> {
  const { env, store, serviceRange } = options;
  const pki = await ensurePki({
    store: options.pkiStore,
    clock: env.clock,
    random: env.random,
    serviceAddress: kubernetesServiceAddress(serviceRange),
    serverAddresses: [...new Set([options.listen.host, options.advertiseAddress])],
  });
  // Authentication and authorization read what the server caches, and are needed to make the server.
  let server: ApiServer | undefined;
  const reader: ObjectReader = {
    get: (type, namespace, name) => server?.reader.get(type, namespace, name),
    list: (type, namespace) => server?.reader.list(type, namespace) ?? [],
  };
  const tokens = serviceAccountTokens({ env, privatePem: pki.serviceAccountKey.privatePem });
  const reviewer = serviceAccountReviewer({ tokens, reader, clock: env.clock });
  const { authorizer, resolver } = defaultAuthorization(reader);
  const allocator = serviceAllocator({ serviceCidr: serviceRange, random: env.random });
  const nodeConnections = kubelets({
    certPem: pki.kubeletClient.certPem,
    keyPem: pki.kubeletClient.keyPem,
    caPem: pki.ca.certPem,
  });
  parts.add('kubelet connections', () => nodeConnections.close());
  server = await startApiServer({
    env,
    store,
    authenticators: [
      clientCertificateAuthenticator({ caPem: pki.ca.certPem, clock: env.clock }),
      serviceAccountAuthenticator(reviewer),
      anonymousAuthenticator,
    ],
    authorizers: [authorizer],
    admission: ({ reader }) => admissionPlugins({ env, reader, authorizer, resolver }),
    specialHandlers: specialHandlers({
      kubelets: nodeConnections,
      tokens,
      reviewer,
      tokenAuthenticators: [],
      authorizer,
      resolver,
      componentChecks: {},
    }),
    storageHooks: [allocator.hooks],
    tls: { cert: pki.server.certPem, key: pki.server.keyPem, clientCa: pki.ca.certPem },
  });
  const started = server;
  parts.add('API server', () => started.stop());
  allocator.restore(server.reader.list(services) as Service[]);
  const admin = createClient(server.transport(adminUser));
  const { port } = await server.listen(options.listen);
  await ensureBootstrap(admin, {
    advertiseAddress: options.advertiseAddress,
    securePort: port,
    serviceCidr: serviceRange,
    clientCaPem: pki.ca.certPem,
    frontProxyCaPem: pki.frontProxyCa.certPem,
  });
  const informers = createInformers(admin, env);
  parts.add('informers', () => informers.stop());
  return { server, pki, port, admin, informers };
}

/** Controllers act under ServiceAccounts of their own names, the scheduler under its user, as upstream sets them up. */
export function startControlLoops(plane: ControlPlane, options: ControlPlaneOptions, parts: Parts): void {
  const { env } = options;
  const clientFor = (name: string) =>
    createClient(plane.server.transport(serviceAccountUser('kube-system', name)));
  const all = [...controllers, rootCaPublisher(plane.pki.ca.certPem), nodeIpam(options.podRange)];
  const running = startControllers(all, { env, client: clientFor, informers: plane.informers });
  parts.add('controllers', () => running.stop());
  const scheduler = startScheduler({
    env: { ...env, log: env.log.child({ part: 'scheduler' }) },
    client: createClient(plane.server.transport(schedulerUser)),
    informers: plane.informers,
  });
  parts.add('scheduler', () => scheduler.stop());
}
