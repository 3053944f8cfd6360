/**
 * Starts the API server of a cluster: certificates, RBAC from the first request, the default admission plugins,
 * service addresses, and the objects of a new cluster.
 */

import { apiserverUser } from '#api/meta/user.ts';
import type { Client } from '#client/client.ts';
import { createClient } from '#client/rest/client.ts';
import { readUserFile } from '#host/files/user-file.ts';
import { aggregationChecks } from '../aggregation/health-checks.ts';
import { auditingOf } from '../audit/audit-arguments.ts';
import { openIdDocuments } from '../authn/openid.ts';
import { ensureDefaultObjects, keepDefaultObjects } from '../bootstrap/kept-objects.ts';
import { defaultServiceCidr } from '../bootstrap/objects.ts';
import { startHooks } from '../bootstrap/start-hooks.ts';
import { shutdownOptions } from '../flowcontrol/shutdown/shutdown-arguments.ts';
import { requestSettings } from '../request/request-settings.ts';
import type { Access } from './access.ts';
import type { KubeApiServerOptions } from './kube-options.ts';
import { buildParts, type KubeParts } from './kube-parts.ts';
import { type ApiServer, type ApiServerOptions, startApiServer } from './server.ts';

export async function startKubeApiServer(options: KubeApiServerOptions): Promise<ApiServer> {
  const parts = await buildParts(options);
  const { access, allocations, aggregation } = parts;
  let servesCustomResources = false;
  let isBootstrapped = false;
  const server = await startApiServer({
    ...servedWith(options, parts),
    startHooks: {
      ...parts.encryptionCheck,
      ...startHooks({
        storage: () => parts.storage.parts.cache.failure?.message,
        customResources: () => unless(servesCustomResources),
        serviceAddresses: () => unless(allocations.isStarted),
        bootstrap: () => unless(isBootstrapped),
      }),
      ...aggregationChecks(aggregation),
    },
  });
  access.start();
  for (const stop of parts.stops) server.beforeStop(stop);
  const renewTls = () => server.renewTls({ ...parts.certificates.current, ...access.tls() });
  parts.certificates.onChange(renewTls);
  try {
    const client = createClient(server.transport(apiserverUser), { userAgent: 'kube-apiserver' });
    server.beforeStop(parts.customResources.start(client));
    servesCustomResources = true;
    const { registered } = aggregation.start(client);
    await allocations.start(server, client);
    const authoritiesChanged = await bootstrap(options, server, client, access);
    access.onAuthorities(() => {
      renewTls();
      authoritiesChanged();
    });
    await registered;
    isBootstrapped = true;
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

function servedWith(
  { env, configuration, audit, advertiseAddress }: KubeApiServerOptions,
  { storage, registry, access, aggregation, certificates }: KubeParts,
): ApiServerOptions {
  const args = configuration?.arguments ?? {};
  return {
    storage,
    registry,
    aggregation,
    authenticators: access.authenticators,
    authorizers: [access.authorizer],
    ...(configuration?.featureGates ? { featureGates: configuration.featureGates } : {}),
    requests: requestSettings(args),
    hiddenMetrics: args['disabled-metrics'] ?? [],
    shutdown: shutdownOptions(args),
    audit: audit ?? auditingOf(env, args, readUserFile),
    tls: { ...certificates.current, ...access.tls() },
    listener: {
      streamsMax: args['http2-max-streams-per-connection'] ?? 0,
      isHttp1Only: args['disable-http2-serving'] ?? false,
      sharesPort: args['permit-port-sharing'] ?? false,
    },
    documents: openIdDocuments(access.tokens, advertiseAddress, {
      keySetUrl: args['service-account-jwks-uri'],
      host: args['external-hostname'],
    }),
  };
}

/**
 * Opens the server to the network, and creates the objects of a new cluster. Returns what to call when authorities
 * have changed.
 */
async function bootstrap(
  options: KubeApiServerOptions,
  server: ApiServer,
  client: Client,
  { clients, frontProxy }: Pick<Access, 'clients' | 'frontProxy'>,
): Promise<() => void> {
  const { env, advertiseAddress, serviceCidr = defaultServiceCidr, configuration } = options;
  const args = configuration?.arguments ?? {};
  const ports: number[] = [];
  for (const address of options.listen ?? []) ports.push((await server.listen(address)).port);
  const wanted = {
    advertiseAddress,
    securePort: ports[0] ?? defaultSecurePort,
    serviceCidr,
    nodePort: args['kubernetes-service-node-port'],
    hasNoEndpoints: args['endpoint-reconciler-type'] === 'none',
    clients,
    frontProxy,
  };
  const parts = { env, reader: server.reader, client, wanted };
  const stopEnsuring = await ensureDefaultObjects(parts);
  if (stopEnsuring) server.beforeStop(stopEnsuring);
  server.flowObjects.writeConditions(client);
  const kept = keepDefaultObjects(parts);
  server.beforeStop(kept.stop);
  return kept.authoritiesChanged;
}

/** The failure of a health check whose part of the start has not finished. */
function unless(isFinished: boolean): string | undefined {
  return isFinished ? undefined : 'not finished';
}

const defaultSecurePort = 6443;
