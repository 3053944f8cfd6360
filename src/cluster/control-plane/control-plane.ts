/**
 * The control plane of one cluster in this process: certificates, API server, controllers and scheduler,
 * which reach each other through the API alone.
 */

import type { ClusterConfiguration } from '#api/configuration/cluster-configuration.ts';
import { readSchedulerConfiguration } from '#api/configuration/scheduler/scheduler-configuration.ts';
import { apiserverUser, type UserInfo } from '#api/meta/user.ts';
import { parseIp } from '#api/values/ip.ts';
import { configuredTokens } from '#apiserver/authn/service-account-keys.ts';
import type { ServiceAccountTokens } from '#apiserver/authn/service-account-tokens.ts';
import { kubernetesServiceAddress } from '#apiserver/bootstrap/objects.ts';
import type { UsageSource } from '#apiserver/contract/usage-source.ts';
import { startKubeApiServer } from '#apiserver/server/kube-api-server.ts';
import type { ApiServer } from '#apiserver/server/server.ts';
import { Unhealthy } from '#apiserver/subresources/component-statuses.ts';
import type { Env } from '#base/env.ts';
import type { Client } from '#client/client.ts';
import { ControllerMetrics } from '#client/controllers/controller-metrics.ts';
import { startControllers } from '#client/controllers/controller-runner.ts';
import type { LeaderElection } from '#client/election/leader-election.ts';
import type { Informers } from '#client/informers/informer.ts';
import { createClient } from '#client/rest/client.ts';
import { ClientMetrics } from '#client/transport/measured.ts';
import type { Transport } from '#client/transport/transport.ts';
import type { AutoscalerOptions } from '#controllers/autoscaling/horizontal-pod-autoscaler.ts';
import { type ClusterFacts, controllersOf } from '#controllers/list.ts';
import { ClaimMetrics } from '#controllers/resource-claims/claim-metrics.ts';
import { VolumeCounts } from '#controllers/volumes/volume-counts.ts';
import { readUserFile } from '#host/files/user-file.ts';
import { ensurePki, type Pki, type PkiStore } from '#pki/pki.ts';
import { SchedulerMetrics } from '#scheduler/metrics/scheduler-metrics.ts';
import { startScheduler } from '#scheduler/scheduler.ts';
import type { Store } from '#store/store.ts';
import type { StartedParts } from '../started-parts.ts';
import { autoscalerOptions } from './autoscaler-options.ts';
import { authorityOf } from './certificate-authority.ts';
import { checkExtenderTls, ExtenderClient } from './extender-client.ts';
import { controllerUser, managerUser, schedulerUser } from './identities.ts';
import { runLed } from './led.ts';
import { createReaders, type Readers } from './readers.ts';

export interface ControlPlaneOptions {
  readonly env: Env;
  readonly store: Store;
  readonly pkiStore: PkiStore;
  /** Where the API is served; port 0 chooses a free one. */
  readonly listen: { readonly host: string; readonly port: number };
  /** The address by which pods reach the API server. */
  readonly advertiseAddress: string;
  readonly podRange: string;
  readonly serviceRange: string;
  /** Each identity has its own caches and watches, as in a process of its own. Default false. */
  readonly separateReaders?: boolean;
  readonly configuration?: ClusterConfiguration;
  /** The cluster's own EncryptionConfiguration, if it has one. */
  readonly ownEncryption?: string | undefined;
  /** What the nodes use, for the metrics API. */
  readonly usage?: UsageSource;
  /** Undefined until they are started. */
  readonly loops?: () => ControlLoops | undefined;
}

/** What runs while this control plane is elected. */
export interface ControlLoops {
  readonly manager: LeaderElection;
  readonly scheduler: LeaderElection;
}

export interface ControlPlane {
  readonly server: ApiServer;
  readonly pki: Pki;
  /** What clients trust the server by. */
  readonly serverCaPem: string;
  readonly tokens: ServiceAccountTokens;
  readonly port: number;
  /** For everything that kybern itself does with full rights. */
  readonly admin: Client;
  /** Informers of `admin`. */
  readonly informers: Informers;
  /** Informers by identity. */
  readonly readers: Pick<Readers, 'as'>;
}

/** Resolves when the API answers. */
export async function startApi(options: ControlPlaneOptions, parts: StartedParts): Promise<ControlPlane> {
  const { env, store, listen, advertiseAddress, serviceRange, configuration } = options;
  const sans = configuration?.certSANs ?? [];
  const pki = await ensurePki({
    store: options.pkiStore,
    clock: env.clock,
    random: env.random,
    serviceAddress: kubernetesServiceAddress(serviceRange),
    serverNames: sans.filter((name) => !parseIp(name)),
    serverAddresses: [...new Set([listen.host, advertiseAddress, ...sans.filter((name) => parseIp(name))])],
  });
  const server = await startKubeApiServer({
    env: { ...env, log: env.log.child({ part: 'apiserver' }) },
    store,
    pki,
    listen: [listen],
    advertiseAddress,
    serviceCidr: serviceRange,
    ...(configuration ? { configuration } : {}),
    ...(options.usage ? { usage: options.usage } : {}),
    ownEncryption: options.ownEncryption,
    componentChecks: {
      'controller-manager': () => mustBeWell(options.loops?.()?.manager),
      scheduler: () => mustBeWell(options.loops?.()?.scheduler),
    },
  });
  parts.add('API server', () => server.stop());
  const admin = createClient(server.transport(apiserverUser), { userAgent: 'kube-apiserver' });
  const readers = createReaders({
    env,
    transport: (user) => server.transport(user),
    areSeparate: options.separateReaders === true,
  });
  parts.add('informers', () => readers.stop());
  const port = Number(new URL(server.urls[0] ?? '').port);
  const tokens = configuredTokens(env, pki.serviceAccountKey, configuration?.arguments);
  const serverCaPem = serverCaOf(pki, configuration);
  return { server, pki, serverCaPem, tokens, port, admin, informers: readers.as(apiserverUser), readers };
}

/** A serving certificate of the user's own has its authorities behind it. */
function serverCaOf({ ca }: Pki, configuration: ClusterConfiguration | undefined): string {
  const file = configuration?.arguments['tls-cert-file'];
  return file ? `${ca.certPem.trimEnd()}\n${readUserFile(file)}` : ca.certPem;
}

/**
 * Controllers and scheduler, each while it holds its lease. Controllers read as the controller manager and
 * write as ServiceAccounts of their own names, the scheduler does both as its user, as in upstream's setup.
 */
export function startControlLoops(
  plane: LoopsPlane,
  options: LoopsOptions,
  parts: StartedParts,
): ControlLoops {
  const { env, identity } = options;
  const controllerMetrics = new ControllerMetrics(managerIdentity);
  const schedulerMetrics = new SchedulerMetrics();
  const claimMetrics = new ClaimMetrics();
  const volumeCounts = new VolumeCounts();
  const autoscaler = autoscalerOptions(options.configuration);
  const clientMetrics = new ClientMetrics(env.clock, inProcessHost);
  plane.server.addMetrics([
    ...controllerMetrics.metrics,
    ...claimMetrics.metrics,
    ...volumeCounts.metrics,
    ...autoscaler.metrics.metrics,
    ...schedulerMetrics.metrics,
    ...clientMetrics.metrics,
  ]);
  const transport = (user: UserInfo) => clientMetrics.measured(plane.server.transport(user));
  const manager = runLed({
    env: { ...env, log: env.log.child({ part: 'controllers' }) },
    transport,
    user: managerUser,
    lease: 'kube-controller-manager',
    eventSource: 'kube-controller-manager',
    identity,
    start: () =>
      runControllers(
        { ...plane, transport, metrics: controllerMetrics, claimMetrics, volumeCounts, autoscaler },
        options,
      ),
  });
  parts.add('controllers', () => manager.stop());
  const configuration = options.configuration?.scheduler ?? readSchedulerConfiguration({});
  const schedulerEnv = { ...env, log: env.log.child({ part: 'scheduler' }) };
  for (const extender of configuration.extenders) checkExtenderTls(extender, readUserFile);
  const extenderClient = new ExtenderClient({ clock: env.clock, readFile: readUserFile });
  parts.add('scheduler extenders', () => extenderClient.close());
  const scheduler = runLed({
    env: schedulerEnv,
    transport,
    user: schedulerUser,
    lease: 'kube-scheduler',
    // Upstream's scheduler records its elections under the name of its first profile.
    eventSource: configuration.profiles[0]!.schedulerName,
    identity,
    start: () =>
      startScheduler({
        env: schedulerEnv,
        client: createClient(transport(schedulerUser), { userAgent: 'kube-scheduler' }),
        informers: plane.readers.as(schedulerUser),
        metrics: schedulerMetrics,
        configuration,
        postToExtender: extenderClient.post,
      }),
  });
  parts.add('scheduler', () => scheduler.stop());
  return { manager, scheduler };
}

function mustBeWell(loop: LeaderElection | undefined): void {
  const failure = loop ? loop.failure : 'not started yet';
  if (failure) throw new Unhealthy(failure);
}

type LoopsPlane = Pick<ControlPlane, 'readers'> & {
  readonly server: Pick<ApiServer, 'transport' | 'addMetrics'>;
  readonly pki: Pick<Pki, 'ca' | 'signRequest'>;
  readonly serverCaPem: string;
  readonly tokens: ServiceAccountTokens;
};
type LoopsOptions = Pick<ControlPlaneOptions, 'env' | 'podRange' | 'configuration'> &
  Pick<ClusterFacts, 'deletePath' | 'cloud'> & {
    /** Differs from that of any other control plane on the same store. */
    readonly identity: string;
  };

/** The host of requests that go over no network. */
const inProcessHost = 'in-process';
/** The identity of controllers that upstream gives no account of their own. */
const managerIdentity = 'kube-controller-manager';

interface ControllersPlane extends Omit<LoopsPlane, 'server'> {
  readonly transport: (user: UserInfo) => Transport;
  readonly metrics: ControllerMetrics;
  readonly claimMetrics: ClaimMetrics;
  readonly volumeCounts: VolumeCounts;
  readonly autoscaler: AutoscalerOptions;
}

function runControllers(
  plane: ControllersPlane,
  { env, podRange, deletePath, cloud, configuration }: LoopsOptions,
) {
  const { transport, metrics, volumeCounts, pki, serverCaPem, tokens, readers } = plane;
  const client = (name: string) =>
    createClient(transport(name === managerIdentity ? managerUser : controllerUser(name)), {
      userAgent: 'kube-controller-manager',
    });
  const informers = readers.as(managerUser);
  volumeCounts.follow(informers);
  const all = controllersOf({
    caPem: serverCaPem,
    tokens,
    podRange,
    authority: authorityOf(pki),
    deletePath,
    claimMetrics: plane.claimMetrics,
    volumeCounts,
    autoscaler: plane.autoscaler,
    featureGates: configuration?.featureGates,
    signingMs: configuration?.managerArguments['cluster-signing-duration'],
    cloud,
  });
  return startControllers(all, { env, client, informers, metrics });
}
