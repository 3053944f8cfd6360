/**
 * One whole cluster in this process: started step by step, ready when `startCluster` resolves, stopped
 * without leaving anything in memory.
 *
 *   store → API → control loops → simulated nodes | real node with its network and DNS → ready
 */

import { hostname } from 'node:os';
import { namespaces, nodes, serviceAccounts } from '#api/generated/kinds.gen.ts';
import { isNodeReady } from '#api/nodes/state.ts';
import type { Resources } from '#apiserver/registry/resources.ts';
import { ownConfiguration } from '#apiserver/storage/encryption/own-configuration.ts';
import type { Clock } from '#base/clock.ts';
import { silentLog } from '#base/log.ts';
import type { Client } from '#client/client.ts';
import type { Informers } from '#client/informers/informer.ts';
import { removeAll } from '#host/files/remove-all.ts';
import { ensureClusterLink } from '#host/home/namespace-nodes.ts';
import type { NamespaceNode } from '#host/home/node-record.ts';
import { uplinkMtu } from '#host/network/bridge.ts';
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
import type { PreparedNode } from './nodes/real-node.ts';
import { startSimulatedNodes } from './nodes/simulated-nodes.ts';
import { Steps } from './process/steps.ts';
import { informerShows } from './readiness.ts';
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

const readyLimitMs = 60_000;
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
  besides: (name: string) => `node ${name}`,
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
    ...besides(realNode).map(({ name }) => titles.besides(name)),
    ...(simulatedNodes > 0 ? [titles.simulated(simulatedNodes)] : []),
    titles.ready,
  ];
}

function besides(realNode: Settings['realNode']): readonly NamespaceNode[] {
  return realNode?.linked?.config.nodes ?? [];
}

async function runSteps(settings: Settings): Promise<ControlPlane> {
  const { env, parts, simulatedNodes } = settings;
  const steps = new Steps(titlesOf(settings), env.clock, settings.listener);
  const storages = new Map<string, NodeStorage>();
  const prepared =
    settings.realNode && (await steps.run(titles.network, () => prepareNode(settings, storages)));
  const store = await steps.run(titles.store, () => openStore(settings));
  // Health checks of the API server ask for it, which starts before.
  let loops: ControlLoops | undefined;
  const usage = new KubeletUsage();
  const advertiseAddress = prepared?.address ?? unroutedAddress;
  const plane = await steps.run(titles.api, () =>
    startControlPlane(settings, store, advertiseAddress, { loops: () => loops, usage }),
  );
  const { podRange, identity = newIdentity(env.random), configuration } = settings;
  const configured = configuration ? { configuration } : {};
  // Simulated nodes store nothing.
  const deletePath = settings.realNode ? removeAll : async () => {};
  const cloud = settings.realNode && cloudOf(settings.realNode);
  loops = await steps.run(titles.loops, () =>
    startControlLoops(plane, { env, podRange, identity, deletePath, cloud, ...configured }, parts),
  );
  const runtime = prepared && (await steps.run(titles.runtime, () => prepared.startRuntime()));
  const startNode =
    runtime && (() => startFirstNode(settings, plane, { nodeName: machineName(), prepared, runtime, usage }));
  const node = startNode && (await steps.run(titles.node, startNode));
  const others = prepared ? await startBesides({ ...settings, storages }, steps, plane, prepared) : 0;
  if (simulatedNodes > 0) {
    const start = () => startSimulatedNodes({ count: simulatedNodes, env, plane, parts, usage, storages });
    await steps.run(titles.simulated(simulatedNodes), start);
  }
  await steps.run(titles.ready, async () => {
    await startClusterStorage(env, plane, storages, parts);
    if (prepared) await startIngressBesideNode(settings, plane, prepared);
    const problem = node?.kubelet.problem;
    if (problem !== undefined) settings.listener?.warn(`the node's kubelet does not start: ${problem}`);
    // It is no part of the control plane, which its state is repaired with.
    const wantedNodes = simulatedNodes + others + (node && problem === undefined ? 1 : 0);
    await Promise.all([
      objectsShow(env.clock, plane, wantedNodes, settings.realNode?.ownPodNetwork),
      node?.dnsAnswers(readyLimitMs),
    ]);
  });
  return plane;
}

/** All at once; each is a step of its own. Returns how many have started. */
async function startBesides(
  { env, parts, realNode, listener, storages }: Settings & { storages: Map<string, NodeStorage> },
  steps: Steps,
  plane: ControlPlane,
  { address }: PreparedNode,
): Promise<number> {
  if (!realNode?.linked) return 0;
  const { NamespaceNodes } = await import('./nodes/namespace-nodes.ts');
  const { linked, paths } = realNode;
  const nodes = new NamespaceNodes({ env, parts, paths, storages, ...linked }, plane, address);
  let count = besides(realNode).length;
  const starts = besides(realNode).map((node) => ({ node, started: nodes.start(node) }));
  for (const { started } of starts) started.catch(() => undefined);
  // The cluster runs on without a node that was there before, as it does when a machine is gone.
  const warn =
    ({ name }: NamespaceNode) =>
    (error: Error) => {
      count--;
      listener?.warn(`node ${name} did not start: ${error.message}`);
    };
  for (const { node, started } of starts) {
    await steps.run(titles.besides(node.name), () =>
      nodes.isNew(node) ? started : started.catch(warn(node)),
    );
  }
  return count;
}

async function prepareNode(
  { env, parts, podRange, serviceRange, realNode, configuration }: Settings,
  storages: Map<string, NodeStorage>,
): Promise<PreparedNode> {
  // Loaded on demand: a cluster without a real node does not need containerd's gRPC client.
  const { prepareRealNode } = await import('./nodes/real-node.ts');
  if (realNode?.linked) await ensureClusterLink(realNode.linked.config, await uplinkMtu());
  const kubelet = configuration && { kubelet: configuration.kubelet };
  const nodeName = machineName();
  return prepareRealNode({
    ...realNode!,
    nodeName,
    env,
    parts,
    podRange,
    serviceRange,
    storages,
    ...kubelet,
  });
}

/** The name of the first node. */
function machineName(): string {
  return hostname().toLowerCase();
}

async function startIngressBesideNode(
  { env, parts, realNode, gateway = false }: Settings,
  plane: ControlPlane,
  { address }: PreparedNode,
): Promise<void> {
  const { startClusterIngress } = await import('./nodes/cluster-ingress.ts');
  await startClusterIngress(env, plane, { address, paths: realNode!.paths, gateway }, parts);
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

/** Rejects when the nodes, the namespaces and the first ServiceAccount are not there in time. */
async function objectsShow(
  clock: Clock,
  { informers }: ControlPlane,
  wantedNodes: number,
  ownPodNetwork = false,
) {
  // Without a network of pods no node is Ready, and that is installed through the API.
  const counts = ownPodNetwork ? () => true : isNodeReady;

  await Promise.all([
    informerShows(
      informers.for(nodes),
      clock,
      readyLimitMs,
      'nodes Ready',
      (found) => found.filter(counts).length >= wantedNodes,
    ),
    informerShows(informers.for(serviceAccounts), clock, readyLimitMs, 'default ServiceAccount', (found) =>
      found.some(({ metadata }) => metadata.namespace === 'default' && metadata.name === 'default'),
    ),
    informerShows(
      informers.for(namespaces),
      clock,
      readyLimitMs,
      'system namespaces',
      (found) => found.length >= 4,
    ),
  ]);
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
