/** Builds the parts of a cluster's API server that exist before it takes requests. */

import { Registry } from 'prom-client';
import type { ApiServerArguments } from '#api/configuration/api-server-arguments.ts';
import { isEnabled } from '#api/configuration/feature-gates.ts';
import { isSwitchedOn } from '#api/configuration/runtime-config.ts';
import { autoscalersToZero } from '#api/kinds/autoscaling/horizontal-pod-autoscaler.ts';
import { loadSchema } from '#api/schema/load-schema.ts';
import type { ResourceDef } from '#api/schema/schema.ts';
import { readUserFile } from '#host/files/user-file.ts';
import { watchMemory } from '#host/memory/watch.ts';
import type { Store } from '#store/store.ts';
import { Admission } from '../admission/admission.ts';
import { admissionSettings } from '../admission/configuration/settings.ts';
import { admissionPlugins } from '../admission/plugins.ts';
import { PodSecurityMetrics } from '../admission/pod-security/metrics.ts';
import { paramAccessHooks } from '../admission/policies/param-access.ts';
import { PolicyMetrics } from '../admission/policies/policy-metrics.ts';
import { AdmissionMetrics } from '../admission/timing/admission-metrics.ts';
import type { HookParts } from '../admission/webhooks/hook-parts.ts';
import { WebhookMetrics } from '../admission/webhooks/webhook-metrics.ts';
import { Aggregation } from '../aggregation/aggregation.ts';
import { claimHooks } from '../authz/authors/claim-hooks.ts';
import { escalationHooks } from '../authz/authors/escalation.ts';
import { defaultServiceCidr } from '../bootstrap/objects.ts';
import type { AdmissionPlugin } from '../contract/admission.ts';
import type { Authorizer } from '../contract/authorization.ts';
import type { HealthCheck } from '../contract/health-check.ts';
import { beginCustomResources } from '../custom-resources/start.ts';
import { followKeyPair, type KeyPairFiles } from '../http/certificates/key-pair-files.ts';
import { keyPairOf, ServingCertificates } from '../http/certificates/serving-certificates.ts';
import { endpointResolver } from '../outgoing/service-endpoint.ts';
import { WebhookClient } from '../outgoing/webhook-client.ts';
import { builtInKinds } from '../registry/built-in.ts';
import { metricsApi } from '../resource-metrics/metrics-api.ts';
import { startEncryption } from '../storage/encryption/start.ts';
import { ServerStorage } from '../storage/server-storage.ts';
import { ServiceAllocations } from '../storage/service-ips/service-allocations.ts';
import { componentChecksOf } from '../subresources/component-checks.ts';
import { type Kubelets, kubelets as kubeletsOf } from '../subresources/connections/kubelet-connection.ts';
import { specialHandlers } from '../subresources/handlers.ts';
import { type Access, buildAccess, tokenOptionsOf } from './access.ts';
import type { KubeApiServerOptions } from './kube-options.ts';

export type KubeParts = Awaited<ReturnType<typeof buildParts>>;

/** The parts share one store, which encrypts as configured. */
export async function buildParts(options: KubeApiServerOptions) {
  const { env, store, pki, ownEncryption } = options;
  const args = options.configuration?.arguments ?? {};
  const memory = watchMemory(env.clock);
  const encryption = await startEncryption(env, store, args, ownEncryption);
  const admission = new Admission();
  const storage = new ServerStorage({
    env,
    store: encryption.store,
    isStale: encryption.isStale,
    memory,
    admission,
    eventsKeptMs: args['event-ttl'],
  });
  const registry = new Registry();
  const access = buildAccess(options, storage, registry);
  const kubelets = kubeletsOf(
    { ...pki.kubeletClient, caPem: pki.ca.certPem },
    args['kubelet-preferred-address-types'],
  );
  const allocations = buildAllocations(options, encryption.store, registry);
  beginBuiltInKinds(options, { storage, access, kubelets, allocations });
  const customResources = await beginCustomResources(storage);
  const certificates = new ServingCertificates(env, pki, args);
  const proxyCertificate = proxyCertificateOf(options);
  const aggregation = buildAggregation(storage, registry, proxyCertificate);
  const webhooks = webhookParts(storage, registry, access.authorizer);
  const timing = { clock: env.clock, metrics: new AdmissionMetrics(registry) };
  admission.begin(pluginsOf(args, { storage, access, webhooks, registry }), timing);
  const encryptionCheck: Record<string, HealthCheck> =
    encryption.store === store ? {} : { 'kms-providers': () => encryption.problem() };
  const stops = [
    () => access.stopAuthorization(),
    () => encryption.stop(),
    () => access.stop(),
    () => certificates.stop(),
    () => proxyCertificate.stop(),
    () => kubelets.close(),
    () => webhooks.client.close(),
    () => memory.stop(),
    () => allocations.stop(),
    () => aggregation.stop(),
  ];
  const parts = { storage, access, allocations, aggregation, customResources, registry, certificates };
  return { ...parts, encryptionCheck, stops };
}

function buildAllocations(
  { env, serviceCidr = defaultServiceCidr, configuration }: KubeApiServerOptions,
  store: Store,
  registry: Registry,
): ServiceAllocations {
  const nodePorts = configuration?.arguments?.['service-node-port-range'];
  return new ServiceAllocations({ env, store, serviceCidr, nodePorts, registry });
}

interface KindParts {
  readonly storage: ServerStorage;
  readonly access: Access;
  readonly kubelets: Kubelets;
  readonly allocations: ServiceAllocations;
}

/** Serves the built-in kinds, but for those that the configuration switches off. */
function beginBuiltInKinds(options: KubeApiServerOptions, parts: KindParts): void {
  const { storage, access, kubelets, allocations } = parts;
  const { reader, resources } = storage;
  const runtimeConfig = options.configuration?.runtimeConfig ?? {};
  const handlers = specialHandlers({
    ...access,
    tokenOptions: tokenOptionsOf(options),
    kubelets,
    componentChecks: componentChecksOf(options.store, options.componentChecks),
  });
  const hooks = [
    allocations.hooks(storage),
    ...escalationHooks(access),
    ...claimHooks({ ...access, reader }),
    ...paramAccessHooks({ ...access, reader, resources }),
  ];
  const isOff = (def: ResourceDef) => !isSwitchedOn(runtimeConfig, def);
  const metrics = metricsApi(options.usage ?? { read: async () => undefined }, runtimeConfig);
  const scalesToZero = isEnabled(options.configuration?.featureGates, 'HPAScaleToZero');
  const variants = scalesToZero ? autoscalersToZero : [];
  resources.begin([...builtInKinds(loadSchema(), handlers, hooks, isOff, variants), ...metrics]);
}

function buildAggregation(
  { env, reader, feed, resources }: ServerStorage,
  registry: Registry,
  proxy: KeyPairFiles,
): Aggregation {
  const certificate = () => proxy.current;
  return new Aggregation({ env, reader, feed, resources, registry, certificate });
}

/** The client certificate by which extension API servers know this one. */
function proxyCertificateOf({ env, pki, configuration }: KubeApiServerOptions): KeyPairFiles {
  const args = configuration?.arguments ?? {};
  const files = keyPairOf(args, 'proxy-client-cert-file', 'proxy-client-key-file');
  if (files) return followKeyPair(env, files.certFile, files.keyFile, () => {});
  const { certPem: cert, keyPem: key } = pki.frontProxyClient;
  return { current: { cert, key }, stop() {} };
}

/** The parts of the server that admission webhooks use. */
function webhookParts(storage: ServerStorage, registry: Registry, authorizer: Authorizer): HookParts {
  const { env, reader, feed, resources } = storage;
  const { clock, random, log } = env;
  const client = new WebhookClient({ clock, resolve: endpointResolver(reader, random) });
  const metrics = new WebhookMetrics(registry);
  return { clock, random, log, client, feed, reader, resources, authorizer, metrics };
}

interface PluginSources {
  readonly storage: ServerStorage;
  readonly access: Access;
  readonly webhooks: HookParts;
  readonly registry: Registry;
}

function pluginsOf(
  args: ApiServerArguments,
  { storage, access, webhooks, registry }: PluginSources,
): readonly AdmissionPlugin[] {
  const { env, reader, serverClient, resources } = storage;
  return admissionPlugins({
    ...access,
    env,
    reader,
    serverClient,
    resources,
    webhooks,
    policyMetrics: new PolicyMetrics(registry),
    podSecurityMetrics: new PodSecurityMetrics(registry),
    settings: admissionSettings(args, readUserFile),
  });
}
