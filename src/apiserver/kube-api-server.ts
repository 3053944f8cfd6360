/**
 * An API server as Kubernetes sets it up: its own certificates, RBAC from the first request, the default
 * admission plugins, service addresses, and the objects every cluster is born with.
 */

import { Registry } from 'prom-client';
import type { ClusterConfiguration } from '#api/configuration/cluster-configuration.ts';
import { namespaces } from '#api/generated/kinds.gen.ts';
import { StatusError } from '#api/meta/status.ts';
import { apiserverUser, type UserInfo } from '#api/meta/user.ts';
import { loadSchema } from '#api/schema/load-schema.ts';
import type { Env } from '#base/env.ts';
import { Repeater } from '#base/repeater.ts';
import type { Client } from '#client/client.ts';
import { createClient } from '#client/rest/client.ts';
import { readUserFile } from '#host/files/user-file.ts';
import { watchMemory } from '#host/processes/memory-watch.ts';
import type { Pki } from '#pki/pki.ts';
import type { Store } from '#store/store.ts';
import { Admission } from './admission/admission.ts';
import { admissionPlugins } from './admission/plugins.ts';
import type { HookParts } from './admission/webhooks/hook-parts.ts';
import { WebhookMetrics } from './admission/webhooks/webhook-metrics.ts';
import { auditingOf } from './audit/audit-arguments.ts';
import type { Auditing } from './audit/auditing.ts';
import { authentication } from './authn/authentication.ts';
import { keySetPath, openIdConfigurationPath, openIdDocument } from './authn/openid.ts';
import { authorization } from './authz/authorizer.ts';
import { escalationHooks } from './authz/escalation.ts';
import { FollowedNodePods } from './authz/node-pods.ts';
import { ensureBootstrap, ensureKubernetesService, kubernetesServiceParts } from './bootstrap/ensure.ts';
import { ensureFlowControl } from './bootstrap/flow-control.ts';
import { type BootstrapOptions, defaultServiceCidr, type FrontProxyFacts } from './bootstrap/objects.ts';
import { keepTokenTracking } from './bootstrap/token-tracking.ts';
import type { Authorizer } from './contract/authorization.ts';
import { beginCustomResources } from './custom-resources/start.ts';
import { endpointResolver } from './outgoing/service-endpoint.ts';
import { WebhookClient } from './outgoing/webhook-client.ts';
import { builtInKinds } from './registry/built-in.ts';
import { type ApiServer, startApiServer } from './server.ts';
import { startEncryption } from './storage/encryption/start.ts';
import { ServerStorage } from './storage/server-storage.ts';
import { ServiceAllocations } from './storage/service-ips/service-allocations.ts';
import { type ComponentChecks, Unhealthy } from './subresources/component-statuses.ts';
import { kubelets as kubeletsOf } from './subresources/connections/kubelet-connection.ts';
import { specialHandlers } from './subresources/handlers.ts';

export interface KubeApiServerOptions {
  readonly env: Env;
  readonly store: Store;
  readonly pki: Pki;
  /** Port 0 takes a free one. None: reachable from inside the process only. */
  readonly listen?: readonly { readonly host: string; readonly port: number }[];
  /** Where pods reach this server: the endpoint of the `kubernetes` service. */
  readonly advertiseAddress: string;
  /** Default `10.96.0.0/16`. */
  readonly serviceCidr?: string;
  /** Of `controller-manager` and `scheduler`, where they run in this process too. */
  readonly componentChecks?: ComponentChecks;
  readonly staticTokens?: ReadonlyMap<string, UserInfo>;
  /** What the user has set; each part of the server takes its own arguments from it. */
  readonly configuration?: Pick<ClusterConfiguration, 'arguments' | 'featureGates'>;
  /** The cluster's own EncryptionConfiguration, in force where the configuration names none. */
  readonly ownEncryption?: string | undefined;
  /** Default: as the configuration says. */
  readonly audit?: Auditing | undefined;
}

export async function startKubeApiServer(options: KubeApiServerOptions): Promise<ApiServer> {
  const { env, pki, serviceCidr = defaultServiceCidr, configuration } = options;
  const memory = watchMemory(env.clock);
  const encryption = await startEncryption(
    env,
    options.store,
    configuration?.arguments ?? {},
    options.ownEncryption,
  );
  const { store, isStale } = encryption;
  const admission = new Admission();
  const storage = new ServerStorage({ env, store, isStale, memory, admission });
  const { reader, serverClient, resources } = storage;
  const access = buildAccess(options, storage);
  const kubelets = kubeletsOf({ ...pki.kubeletClient, caPem: pki.ca.certPem });
  const componentChecks = componentChecksOf(options);
  const handlers = specialHandlers({
    ...access,
    tokenOptions: tokenOptionsOf(options),
    kubelets,
    componentChecks,
  });
  const allocations = new ServiceAllocations({ env, store, serviceCidr });
  resources.begin(
    builtInKinds(loadSchema(), handlers, [allocations.hooks(storage), ...escalationHooks(access)]),
  );
  const customResources = await beginCustomResources(storage);
  const registry = new Registry();
  const webhooks = webhookParts(storage, registry, access.authorizer);
  admission.begin(admissionPlugins({ ...access, env, reader, serverClient, resources, webhooks }));

  let isBootstrapped = false;
  const keysAt = (urls: readonly string[]) =>
    options.configuration?.arguments['service-account-jwks-uri'] ??
    `${urlForPods(urls, options.advertiseAddress) ?? access.tokens.issuer}${keySetPath}`;
  const document = (path: string) => (_: unknown, urls: readonly string[]) =>
    openIdDocument(access.tokens, path, keysAt(urls));
  const server = await startApiServer({
    storage,
    registry,
    authenticators: access.authenticators,
    authorizers: [access.authorizer],
    ...(options.configuration ? { featureGates: options.configuration.featureGates } : {}),
    audit: options.audit ?? auditingOf(env, options.configuration?.arguments ?? {}, readUserFile),
    tls: { cert: pki.server.certPem, key: pki.server.keyPem, clientCa: access.clientCas },
    documents: {
      [openIdConfigurationPath]: document(openIdConfigurationPath),
      [keySetPath]: document(keySetPath),
    },
    startHooks: {
      ...(store === options.store ? {} : { 'kms-providers': () => encryption.problem() }),
      'poststarthook/start-service-ip-repair-controllers': () => unless(allocations.isStarted),
      'poststarthook/rbac/bootstrap-roles': () => unless(isBootstrapped),
      'poststarthook/priority-and-fairness-config-consumer': () => undefined,
      'poststarthook/priority-and-fairness-filter': () => undefined,
      'poststarthook/priority-and-fairness-config-producer': () => unless(isBootstrapped),
      'poststarthook/start-kubernetes-service-cidr-controller': () => unless(allocations.isStarted),
    },
  });
  server.beforeStop(() => access.stopAuthorization());
  server.beforeStop(() => encryption.stop());
  access.start();
  server.beforeStop(() => access.stop());
  server.beforeStop(() => kubelets.close());
  server.beforeStop(() => webhooks.client.close());
  server.beforeStop(() => memory.stop());
  server.beforeStop(() => allocations.stop());
  server.beforeStop(renewTls(options, server, access.clientCas));
  try {
    const client = createClient(server.transport(apiserverUser), { userAgent: 'kube-apiserver' });
    server.beforeStop(customResources.start(client));
    await allocations.start(server, client);
    await bootstrap(options, server, client, access.frontProxy);
    isBootstrapped = true;
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

/** What admission webhooks are called with. */
function webhookParts(storage: ServerStorage, registry: Registry, authorizer: Authorizer): HookParts {
  const { env, reader, feed, resources } = storage;
  const { clock, random, log } = env;
  const client = new WebhookClient({ clock, resolve: endpointResolver(reader, random) });
  const metrics = new WebhookMetrics(registry);
  return { clock, random, log, client, feed, reader, resources, authorizer, metrics };
}

/** Who a caller is, and what he may. */
function buildAccess(options: KubeApiServerOptions, { reader, feed, serverClient }: ServerStorage) {
  const { env, pki, staticTokens, configuration } = options;
  const args = configuration?.arguments ?? {};
  const nodePods = new FollowedNodePods();
  nodePods.follow(feed);
  return {
    ...authentication({
      env,
      pki,
      reader,
      serverClient,
      arguments: args,
      ...(staticTokens ? { staticTokens } : {}),
    }),
    ...authorization(env, reader, nodePods, args),
  };
}

function tokenOptionsOf({ configuration }: KubeApiServerOptions) {
  const {
    'service-account-extend-token-expiration': extendsLife = true,
    'service-account-max-token-expiration': lifeMaxMs,
  } = configuration?.arguments ?? {};
  return { extendsLife, ...(lifeMaxMs ? { secondsMax: Math.floor(lifeMaxMs / 1000) } : {}) };
}

function componentChecksOf({ store, componentChecks }: KubeApiServerOptions): ComponentChecks {
  return {
    'controller-manager': notHere,
    scheduler: notHere,
    ...componentChecks,
    'etcd-0': () => storeAnswers(store),
  };
}

/** Opens the server to the network, and makes the objects that every cluster is born with. */
async function bootstrap(
  options: KubeApiServerOptions,
  server: ApiServer,
  client: Client,
  frontProxy: FrontProxyFacts,
): Promise<void> {
  const { env, pki, advertiseAddress, serviceCidr = defaultServiceCidr } = options;
  const ports: number[] = [];
  for (const address of options.listen ?? []) ports.push((await server.listen(address)).port);
  const wanted = {
    advertiseAddress,
    securePort: ports[0] ?? defaultSecurePort,
    serviceCidr,
    clientCaPem: pki.ca.certPem,
    frontProxy,
  };
  const ensure = async () => {
    await Promise.all([ensureBootstrap(client, wanted), ensureFlowControl(client, server.reader)]);
  };
  const isFirstStart = !server.reader.get(namespaces, '', 'default');
  try {
    await ensure();
  } catch (error) {
    // A webhook that is not there yet may refuse also this: what can put it right needs the server.
    if (isFirstStart || !(error instanceof StatusError)) throw error;
    env.log.warn('the default objects are not what they should be', { error: error.message });
    server.beforeStop(ensureLater(env, ensure));
  }
  server.flowObjects.writeConditions(client);
  server.beforeStop(keepFlowControl(env, server, client));
  server.beforeStop(keepKubernetesService(env, server, wanted));
  server.beforeStop(keepTokenTracking(env, client));
}

function ensureLater(env: Env, ensure: () => Promise<void>): () => void {
  const tries = new Repeater(env.clock, kubernetesServiceCheckMs, () => {
    ensure().then(
      () => tries.stop(),
      (error: Error) => env.log.warn('the default objects could not be mended', { error: error.message }),
    );
  });
  tries.start();
  return () => tries.stop();
}

/**
 * Pods verify tokens too, and cannot reach the machine's loopback; a server without nodes has no other
 * address.
 */
function urlForPods(urls: readonly string[], advertiseAddress: string): string | undefined {
  const host = advertiseAddress.includes(':') ? `[${advertiseAddress}]` : advertiseAddress;
  return urls.find((url) => new URL(url).hostname === host) ?? urls[0];
}

/** The message of a health check whose work has not ended since the start. */
function unless(isFinished: boolean): string | undefined {
  return isFinished ? undefined : 'not finished';
}

function notHere(): never {
  throw new Unhealthy('it does not run in this process');
}

async function storeAnswers(store: Store): Promise<void> {
  const failure = store.failure();
  if (failure) throw failure;
  await store.range({ start: '/health', end: '/health0' }, { limit: 1 });
}

const defaultSecurePort = 6443;
const renewalCheckMs = 12 * 3600 * 1000;

/** A server that runs for years does not end with its certificate. */
function renewTls({ env, pki }: KubeApiServerOptions, server: ApiServer, clientCa: string): () => void {
  let current = pki.server.certPem;
  const checks = new Repeater(env.clock, renewalCheckMs, () => {
    try {
      const { certPem, keyPem } = pki.renewedServer();
      if (certPem !== current) server.renewTls({ cert: certPem, key: keyPem, clientCa });
      current = certPem;
    } catch (error) {
      // There are months left to try again in: a full disk today must not end the server.
      env.log.error('the serving certificate could not be renewed', { error: String(error) });
    }
  });
  checks.start();
  return () => checks.stop();
}

/** Upstream's interval. */
const flowControlCheckMs = 60_000;

function keepFlowControl(env: Env, server: ApiServer, client: Client): () => void {
  const checks = new Repeater(env.clock, flowControlCheckMs, () =>
    ensureFlowControl(client, server.reader).catch((error: unknown) => {
      env.log.error('flow schemas and priority levels could not be ensured', { error: String(error) });
    }),
  );
  checks.start();
  return () => checks.stop();
}

/** Upstream's interval. */
const kubernetesServiceCheckMs = 10_000;

/** Looks into the cache only, unless a part is gone. */
function keepKubernetesService(env: Env, server: ApiServer, wanted: BootstrapOptions): () => void {
  const client = createClient(server.transport(apiserverUser), { userAgent: 'kube-apiserver' });
  const parts = kubernetesServiceParts(wanted);
  const isThere = () => parts.every((type) => server.reader.get(type, 'default', 'kubernetes'));
  const checks = new Repeater(env.clock, kubernetesServiceCheckMs, () => {
    if (isThere()) return;
    ensureKubernetesService(client, wanted).catch((error: Error) => {
      env.log.warn('the kubernetes service could not be restored', { error: error.message });
    });
  });
  checks.start();
  return () => checks.stop();
}
