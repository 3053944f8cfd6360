/**
 * One whole cluster in this process: started step by step, ready when `startCluster` resolves, stopped
 * without leaving anything in memory.
 *
 *   store → API → control loops → simulated nodes | real node with its network and DNS → ready
 */

import type { Resources } from '#apiserver/registry/resources.ts';
import { ownConfiguration } from '#apiserver/storage/encryption/own-configuration.ts';
import { silentLog } from '#base/log.ts';
import type { Client } from '#client/client.ts';
import type { Informers } from '#client/informers/informer.ts';
import { removeAll } from '#host/files/remove-all.ts';
import { systemEnv } from '#host/system-env.ts';
import { kubeconfig, kubeconfigYaml } from '#pki/kubeconfig.ts';
import { memoryPkiStore } from '#pki/pki.ts';
import type { NodeStorage } from '#storage/node/node-storage.ts';
import type { LocalStore } from '#store/store.ts';
import { type ClusterOptions, type Settings, settingsOf } from './cluster-options.ts';
import {
  type ControlLoops,
  type ControlPlane,
  type ControlPlaneOptions,
  startApi,
  startControlLoops,
} from './control-plane/control-plane.ts';
import { withJoining } from './joining/defaults.ts';
import { openStore, refuseLostCertificates, refuseLostKey, settleEncryption } from './kept-state.ts';
import { cloudOf } from './nodes/cluster-cloud.ts';
import { startClusterStorage } from './nodes/cluster-storage.ts';
import { startFirstNode } from './nodes/first-node.ts';
import { KubeletUsage } from './nodes/kubelet-usage.ts';
import {
  machineName,
  nodesBesides,
  prepareFirstNode,
  startIngressBesideNode,
  startNodesBesides,
  stepOf,
} from './nodes/machine-nodes.ts';
import type { PreparedNode, RunningNode } from './nodes/real-node.ts';
import { startSimulatedNodes } from './nodes/simulated-nodes.ts';
import { Steps } from './process/steps.ts';
import { clusterShows, readyLimitMs } from './readiness.ts';
import { StartedParts } from './started-parts.ts';
import { newIdentity } from './state/identity.ts';

export interface Cluster extends AsyncDisposable {
  readonly name: string;
  /** `https://127.0.0.1:6443`. */
  readonly url: string;
  /** YAML, with the rights of `kubernetes-admin`. */
  readonly kubeconfig: string;
  /** In-process, with all rights. */
  readonly client: Client;
  readonly informers: Informers;
  /** The served resources; one that is added here is served at once. */
  readonly resources: Resources;
  /** Ends everything in this process, as does the end of an `await using`; real containers continue. */
  stop(): Promise<void>;
}

/** For clusters of tests, whose pods never use it. TEST-NET-1, since loopback is not allowed in Endpoints. */
const unroutedAddress = '192.0.2.1';

/** Resolves when the cluster is ready; on failure everything started is stopped again. */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const env = options.env ?? systemEnv(silentLog);
  const parts = new StartedParts();
  try {
    return describe(options, await runSteps(settingsOf(options, env, parts)), parts);
  } catch (error) {
    await parts
      .stop()
      .catch((also: unknown) => env.log.error('a part did not stop', { error: String(also) }));
    throw error;
  }
}

const titles = {
  network: 'pod network',
  store: 'store',
  api: 'API server',
  loops: 'controllers and scheduler',
  runtime: 'node runtime',
  node: 'node, services and DNS',
  simulated: (count: number) => `${count} simulated nodes`,
  ready: 'ready',
} as const;

function titlesOf({ realNode, simulatedNodes }: Settings): string[] {
  return [
    ...(realNode ? [titles.network] : []),
    titles.store,
    titles.api,
    titles.loops,
    ...(realNode ? [titles.runtime, titles.node] : []),
    ...nodesBesides(realNode).map(stepOf),
    ...(simulatedNodes > 0 ? [titles.simulated(simulatedNodes)] : []),
    titles.ready,
  ];
}

async function runSteps(settings: Settings): Promise<ControlPlane> {
  const steps = new Steps(titlesOf(settings), settings.env.clock, settings.listener);
  const storages = new Map<string, NodeStorage>();
  const usage = new KubeletUsage();
  const prepared =
    settings.realNode && (await steps.run(titles.network, () => prepareFirstNode(settings, storages)));
  const plane = await startPlane(settings, steps, { usage, advertiseAddress: prepared?.address });
  const nodes = await startNodes(settings, steps, { plane, prepared, usage, storages });
  await steps.run(titles.ready, async () => {
    const { env, parts, realNode } = settings;
    await startClusterStorage(env, plane, storages, parts);
    if (prepared) await startIngressBesideNode(settings, plane, prepared);
    await Promise.all([
      clusterShows(env.clock, plane.informers, nodes.count, realNode?.ownPodNetwork),
      nodes.first?.dnsAnswers(readyLimitMs),
    ]);
  });
  return plane;
}

/** Store, API server and control loops. */
async function startPlane(
  settings: Settings,
  steps: Steps,
  {
    usage,
    advertiseAddress = unroutedAddress,
  }: { usage: KubeletUsage; advertiseAddress?: string | undefined },
): Promise<ControlPlane> {
  const { env, parts, podRange, identity = newIdentity(env.random), configuration, realNode } = settings;
  const store = await steps.run(titles.store, () => openStore(settings));
  // Health checks of the API server ask for it, which starts before.
  let loops: ControlLoops | undefined;
  const plane = await steps.run(titles.api, () =>
    startControlPlane(settings, store, advertiseAddress, { loops: () => loops, usage }),
  );
  const configured = configuration ? { configuration } : {};
  // Simulated nodes store nothing.
  const deletePath = realNode ? removeAll : async () => {};
  const cloud = realNode && cloudOf(realNode);
  loops = await steps.run(titles.loops, () =>
    startControlLoops(plane, { env, podRange, identity, deletePath, cloud, ...configured }, parts),
  );
  return plane;
}

interface StartedNodes {
  readonly first: RunningNode | undefined;
  /** Those that have to become Ready. */
  readonly count: number;
}

/** The machine itself, nodes in namespaces, simulated nodes. */
async function startNodes(
  settings: Settings,
  steps: Steps,
  { plane, prepared, usage, storages }: NodeParts,
): Promise<StartedNodes> {
  const { env, parts, simulatedNodes, listener } = settings;
  const runtime = prepared && (await steps.run(titles.runtime, () => prepared.startRuntime()));
  const start =
    runtime && (() => startFirstNode(settings, plane, { nodeName: machineName(), prepared, runtime, usage }));
  const first = start && (await steps.run(titles.node, start));
  const besides = prepared ? await startNodesBesides({ ...settings, storages }, steps, plane, prepared) : 0;
  if (simulatedNodes > 0) {
    const simulate = () => startSimulatedNodes({ count: simulatedNodes, env, plane, parts, usage, storages });
    await steps.run(titles.simulated(simulatedNodes), simulate);
  }
  const problem = first?.kubelet.problem;
  if (problem !== undefined) listener?.warn(`the node's kubelet does not start: ${problem}`);
  // A kubelet that does not start is no reason to end the API server, which it is repaired with.
  const count = simulatedNodes + besides + (first && problem === undefined ? 1 : 0);
  return { first, count };
}

interface NodeParts {
  readonly plane: ControlPlane;
  readonly prepared: PreparedNode | undefined;
  readonly usage: KubeletUsage;
  readonly storages: Map<string, NodeStorage>;
}

async function startControlPlane(
  settings: Settings,
  store: LocalStore,
  advertiseAddress: string,
  later: Required<Pick<ControlPlaneOptions, 'loops' | 'usage'>>,
): Promise<ControlPlane> {
  refuseLostCertificates(settings, store);
  await refuseLostKey(settings, store);
  settleEncryption(settings, store);
  const { env, parts, podRange, serviceRange, separateReaders = false, realNode } = settings;
  const configuration = realNode ? withJoining(settings.configuration) : settings.configuration;
  const { pkiStore = memoryPkiStore(), listen = { host: '127.0.0.1', port: 0 } } = settings;
  const plane = {
    env,
    store,
    pkiStore,
    listen,
    advertiseAddress,
    podRange,
    serviceRange,
    separateReaders,
    ...later,
    ...(configuration ? { configuration } : {}),
    ownEncryption: ownConfiguration(pkiStore),
  };
  return startApi(plane, parts);
}

function describe(options: ClusterOptions, plane: ControlPlane, parts: StartedParts): Cluster {
  const name = options.name ?? 'default';
  const url = `https://${options.listen?.host ?? '127.0.0.1'}:${plane.port}`;
  const { certPem, keyPem } = plane.pki.admin();
  const document = kubeconfig({
    clusterName: `kybern-${name}`,
    userName: `kybern-${name}`,
    server: url,
    caPem: plane.serverCaPem,
    certPem,
    keyPem,
  });
  const stop = () => {
    plane.server.initiateStop();
    return parts.stop();
  };
  return {
    name,
    url,
    kubeconfig: kubeconfigYaml(document),
    client: plane.admin,
    informers: plane.informers,
    resources: plane.server.resources,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}
