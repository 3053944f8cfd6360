/**
 * Starts the API server of a cluster: certificates, RBAC from the first request, the default admission plugins,
 * service addresses, and the objects of a new cluster.
 */

import { Registry } from 'prom-client';
import type { ClusterConfiguration } from '#api/configuration/cluster-configuration.ts';
import { isSwitchedOn } from '#api/configuration/runtime-config.ts';
import { apiserverUser, type UserInfo } from '#api/meta/user.ts';
import { loadSchema } from '#api/schema/load-schema.ts';
import type { ResourceDef } from '#api/schema/schema.ts';
import type { Env } from '#base/env.ts';
import type { Client } from '#client/client.ts';
import { createClient } from '#client/rest/client.ts';
import { readUserFile } from '#host/files/user-file.ts';
import { watchMemory } from '#host/processes/memory-watch.ts';
import type { Pki } from '#pki/pki.ts';
import type { Store } from '#store/store.ts';
import { Admission } from './admission/admission.ts';
import { admissionSettings } from './admission/configuration/settings.ts';
import { admissionPlugins } from './admission/plugins.ts';
import { PodSecurityMetrics } from './admission/pod-security/metrics.ts';
import { paramAccessHooks } from './admission/policies/param-access.ts';
import { PolicyMetrics } from './admission/policies/policy-metrics.ts';
import type { HookParts } from './admission/webhooks/hook-parts.ts';
import { WebhookMetrics } from './admission/webhooks/webhook-metrics.ts';
import { Aggregation } from './aggregation/aggregation.ts';
import { aggregationChecks } from './aggregation/health-checks.ts';
import { auditingOf } from './audit/audit-arguments.ts';
import type { Auditing } from './audit/auditing.ts';
import { authentication } from './authn/authentication.ts';
import { openIdDocuments } from './authn/openid.ts';
import { authorization } from './authz/authorizer.ts';
import { DecisionCounts } from './authz/decision-counts.ts';
import { escalationHooks } from './authz/escalation.ts';
import { FollowedNodePods } from './authz/node-pods.ts';
import { ensureDefaultObjects, keepDefaultObjects } from './bootstrap/kept-objects.ts';
import { defaultServiceCidr, type FrontProxyFacts } from './bootstrap/objects.ts';
import { startHooks } from './bootstrap/start-hooks.ts';
import type { Authorizer } from './contract/authorization.ts';
import type { HealthCheck } from './contract/health-check.ts';
import { beginCustomResources } from './custom-resources/start.ts';
import { shutdownOptions } from './flowcontrol/shutdown/shutdown-arguments.ts';
import { renewServingCertificate } from './http/certificate-renewal.ts';
import { endpointResolver } from './outgoing/service-endpoint.ts';
import { WebhookClient } from './outgoing/webhook-client.ts';
import { builtInKinds } from './registry/built-in.ts';
import { requestSettings } from './request/request-settings.ts';
import { type ApiServer, type ApiServerOptions, startApiServer } from './server.ts';
import { startEncryption } from './storage/encryption/start.ts';
import { ServerStorage } from './storage/server-storage.ts';
import { ServiceAllocations } from './storage/service-ips/service-allocations.ts';
import { componentChecksOf } from './subresources/component-checks.ts';
import type { ComponentChecks } from './subresources/component-statuses.ts';
import { kubelets as kubeletsOf } from './subresources/connections/kubelet-connection.ts';
import { specialHandlers } from './subresources/handlers.ts';

export interface KubeApiServerOptions {
  readonly env: Env;
  readonly store: Store;
  readonly pki: Pki;
  /** Port 0 takes a free port. Default: reachable from inside the process only. */
  readonly listen?: readonly { readonly host: string; readonly port: number }[];
  /** The address at which pods reach this server: the endpoint of the `kubernetes` service. */
  readonly advertiseAddress: string;
  /** Default `10.96.0.0/16`. */
  readonly serviceCidr?: string;
  /** Of `controller-manager` and `scheduler`, if they run in this process. */
  readonly componentChecks?: ComponentChecks;
  readonly staticTokens?: ReadonlyMap<string, UserInfo>;
  /** The user's settings; each part of the server reads its own arguments. */
  readonly configuration?: Partial<
    Pick<ClusterConfiguration, 'arguments' | 'featureGates' | 'runtimeConfig'>
  >;
  /** The cluster's own EncryptionConfiguration, in force if the configuration names none. */
  readonly ownEncryption?: string | undefined;
  /** Default: by the arguments of the configuration. */
  readonly audit?: Auditing | undefined;
}

export async function startKubeApiServer(options: KubeApiServerOptions): Promise<ApiServer> {
  const core = await assemble(options);
  const { access, allocations, aggregation } = core;
  let servesCustomResources = false;
  let isBootstrapped = false;
  const server = await startApiServer({
    ...servedWith(options, core),
    startHooks: {
      ...core.encryptionCheck,
      ...startHooks({
        storage: () => core.storage.parts.cache.failure?.message,
        customResources: () => unless(servesCustomResources),
        serviceAddresses: () => unless(allocations.isStarted),
        bootstrap: () => unless(isBootstrapped),
      }),
      ...aggregationChecks(aggregation),
    },
  });
  access.start();
  stopWith(server, core);
  server.beforeStop(
    renewServingCertificate(options.env, options.pki, (renewed) =>
      server.renewTls({ ...renewed, ...access.tls }),
    ),
  );
  try {
    const client = createClient(server.transport(apiserverUser), { userAgent: 'kube-apiserver' });
    server.beforeStop(core.customResources.start(client));
    servesCustomResources = true;
    const { registered } = aggregation.start(client);
    await allocations.start(server, client);
    await bootstrap(options, server, client, access.frontProxy);
    await registered;
    isBootstrapped = true;
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

type Core = Awaited<ReturnType<typeof assemble>>;

/** Builds all parts of the server that exist before it takes requests, over a store that is encrypted as configured. */
async function assemble(options: KubeApiServerOptions) {
  const { env, pki, serviceCidr = defaultServiceCidr, configuration } = options;
  const memory = watchMemory(env.clock);
  const args = configuration?.arguments ?? {};
  const encryption = await startEncryption(env, options.store, args, options.ownEncryption);
  const { store, isStale } = encryption;
  const admission = new Admission();
  const storage = new ServerStorage({
    env,
    store,
    isStale,
    memory,
    admission,
    eventsKeptMs: args['event-ttl'],
  });
  const { reader, serverClient, resources } = storage;
  const registry = new Registry();
  const access = buildAccess(options, storage, registry);
  const kubelets = kubeletsOf({ ...pki.kubeletClient, caPem: pki.ca.certPem });
  const componentChecks = componentChecksOf(options.store, options.componentChecks);
  const tokenOptions = tokenOptionsOf(options);
  const handlers = specialHandlers({ ...access, tokenOptions, kubelets, componentChecks });
  const allocations = new ServiceAllocations({
    env,
    store,
    serviceCidr,
    nodePorts: args['service-node-port-range'],
  });
  const hooks = [
    allocations.hooks(storage),
    ...escalationHooks(access),
    ...paramAccessHooks({ ...access, reader, resources }),
  ];
  const isOff = (def: ResourceDef) => !isSwitchedOn(configuration?.runtimeConfig ?? {}, def);
  resources.begin(builtInKinds(loadSchema(), handlers, hooks, isOff));
  const customResources = await beginCustomResources(storage);
  const { certPem: cert, keyPem: key } = pki.frontProxyClient;
  const certificate = () => ({ cert, key });
  const { feed } = storage;
  const aggregation = new Aggregation({ env, reader, feed, resources, registry, certificate });
  const webhooks = webhookParts(storage, registry, access.authorizer);
  const policyMetrics = new PolicyMetrics(registry);
  admission.begin(
    admissionPlugins({
      ...access,
      env,
      reader,
      serverClient,
      resources,
      webhooks,
      policyMetrics,
      podSecurityMetrics: new PodSecurityMetrics(registry),
      settings: admissionSettings(args, readUserFile),
    }),
  );
  const encryptionCheck: Record<string, HealthCheck> =
    store === options.store ? {} : { 'kms-providers': () => encryption.problem() };
  const stops = [
    () => access.stopAuthorization(),
    () => encryption.stop(),
    () => access.stop(),
    () => kubelets.close(),
    () => webhooks.client.close(),
    () => memory.stop(),
    () => allocations.stop(),
    () => aggregation.stop(),
  ];
  return { storage, access, allocations, aggregation, customResources, registry, encryptionCheck, stops };
}

function stopWith(server: ApiServer, { stops }: Core): void {
  for (const stop of stops) server.beforeStop(stop);
}

function servedWith(
  { env, pki, configuration, audit, advertiseAddress }: KubeApiServerOptions,
  { storage, registry, access, aggregation }: Core,
): ApiServerOptions {
  const { 'service-account-jwks-uri': keySetUrl } = configuration?.arguments ?? {};
  return {
    storage,
    registry,
    aggregation,
    authenticators: access.authenticators,
    authorizers: [access.authorizer],
    ...(configuration?.featureGates ? { featureGates: configuration.featureGates } : {}),
    requests: requestSettings(configuration?.arguments),
    shutdown: shutdownOptions(configuration?.arguments ?? {}),
    audit: audit ?? auditingOf(env, configuration?.arguments ?? {}, readUserFile),
    tls: { cert: pki.server.certPem, key: pki.server.keyPem, ...access.tls },
    documents: openIdDocuments(access.tokens, advertiseAddress, keySetUrl),
  };
}

/** The parts of the server that admission webhooks use. */
function webhookParts(storage: ServerStorage, registry: Registry, authorizer: Authorizer): HookParts {
  const { env, reader, feed, resources } = storage;
  const { clock, random, log } = env;
  const client = new WebhookClient({ clock, resolve: endpointResolver(reader, random) });
  const metrics = new WebhookMetrics(registry);
  return { clock, random, log, client, feed, reader, resources, authorizer, metrics };
}

/** Authentication and authorization. */
function buildAccess(
  options: KubeApiServerOptions,
  { reader, feed, serverClient }: ServerStorage,
  registry: Registry,
) {
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
    ...authorization(env, reader, nodePods, args, new DecisionCounts(registry)),
  };
}

function tokenOptionsOf({ configuration }: KubeApiServerOptions) {
  const {
    'service-account-extend-token-expiration': extendsLife = true,
    'service-account-max-token-expiration': lifeMaxMs,
  } = configuration?.arguments ?? {};
  return { extendsLife, ...(lifeMaxMs ? { secondsMax: Math.floor(lifeMaxMs / 1000) } : {}) };
}

/** Opens the server to the network, and creates the objects of a new cluster. */
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
  const parts = { env, reader: server.reader, client, wanted };
  const stopEnsuring = await ensureDefaultObjects(parts);
  if (stopEnsuring) server.beforeStop(stopEnsuring);
  server.flowObjects.writeConditions(client);
  server.beforeStop(keepDefaultObjects(parts));
}

/** The failure of a health check whose part of the start has not finished. */
function unless(isFinished: boolean): string | undefined {
  return isFinished ? undefined : 'not finished';
}

const defaultSecurePort = 6443;
