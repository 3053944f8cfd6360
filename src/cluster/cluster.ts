/**
 * One whole cluster in this process: started step by step, ready when `startCluster` resolves, stopped
 * without leaving anything in memory.
 *
 *   store → API → control loops → simulated nodes | real node with its network and DNS → ready
 */

import type { ClusterConfiguration } from '#api/configuration/cluster-configuration.ts';
import { namespaces, nodes, serviceAccounts } from '#api/generated/kinds.gen.ts';
import { isNodeReady } from '#api/nodes/state.ts';
import type { Resources } from '#apiserver/registry/resources.ts';
import { createOwnConfiguration, ownConfiguration } from '#apiserver/storage/encryption/own-configuration.ts';
import type { Env } from '#base/env.ts';
import { silentLog } from '#base/log.ts';
import { simulatedRanges } from '#base/net/ranges.ts';
import type { Client } from '#client/client.ts';
import type { Informers } from '#client/informers/informer.ts';
import type { ClusterPaths } from '#host/home/cluster-home.ts';
import { systemEnv } from '#host/system-env.ts';
import { kubeconfig, kubeconfigYaml } from '#pki/kubeconfig.ts';
import { memoryPkiStore, type PkiStore } from '#pki/pki.ts';
import { StoreLossError } from '#store/errors.ts';
import { openMemoryStore } from '#store/memory/store.ts';
import { openSqliteStore } from '#store/sqlite/store.ts';
import type { LocalStore } from '#store/store.ts';
import {
  type ControlLoops,
  type ControlPlane,
  type ControlPlaneOptions,
  startApi,
  startControlLoops,
} from './control-plane/control-plane.ts';
import type { RealNode, RealNodeParts } from './nodes/real-node.ts';
import { startSimulatedNodes } from './nodes/simulated-nodes.ts';
import { informerShows } from './readiness.ts';
import { StartedParts } from './started-parts.ts';
import { newIdentity } from './state/identity.ts';
import { knownRevision, noteRevisions } from './state/known-revision.ts';
import { runSteps, type Step, type StepListener } from './steps.ts';

export interface ClusterOptions {
  /** Default `default`. */
  readonly name?: string;
  /** Time, chance and log; default the machine's, silent. */
  readonly env?: Env;
  /** `memory`, or the path of a SQLite file. Default memory. */
  readonly store?: 'memory' | { readonly sqlite: string };
  /** Start with the remaining data although the store has lost some. Default false. */
  readonly acceptLoss?: boolean;
  /** Where certificates are kept. Default memory. */
  readonly pkiStore?: PkiStore;
  /**
   * Identity of this control plane in leader elections; default a new one. Must differ from any other on the
   * same store.
   */
  readonly identity?: string;
  /** Default 127.0.0.1, a free port. */
  readonly listen?: { readonly host: string; readonly port: number };
  /** Default 10.244.0.0/16, or 10.128.0.0/9 for more than 250 nodes. */
  readonly podRange?: string;
  /** Default 10.96.0.0/16. */
  readonly serviceRange?: string;
  /** Each component has its own caches and watches, as in a process of its own. Default false. */
  readonly separateReaders?: boolean;
  /** As `kybern up --config` reads it from a file. Default: as an empty file has it. */
  readonly configuration?: ClusterConfiguration;
  /** Default none. */
  readonly simulatedNodes?: number;
  /** A node with real containers on this machine, and where its files are. */
  readonly realNode?: { readonly paths: ClusterPaths; readonly bridge: string; readonly table: string };
  readonly listener?: StepListener;
}

export interface Cluster {
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
  /** Ends everything in this process; real containers continue. */
  stop(): Promise<void>;
}

/** Documents of the authorities that sign everything else. */
const authorityFiles = ['ca.crt', 'ca.key', 'sa.key'];
const readyLimitMs = 60_000;
/** For clusters of tests, whose pods never use it. TEST-NET-1, since loopback is not allowed in Endpoints. */
const unroutedAddress = '192.0.2.1';

/** Resolves when the cluster is ready; on failure everything started is stopped again. */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const env = options.env ?? systemEnv(silentLog);
  const parts = new StartedParts();
  let plane: ControlPlane | undefined;
  try {
    const assembly = new Assembly(options, env, parts);
    await runSteps(assembly.steps(), env.clock, options.listener);
    plane = assembly.plane;
  } catch (error) {
    await parts
      .stop()
      .catch((also: unknown) => env.log.error('a part did not stop', { error: String(also) }));
    throw error;
  }
  return describe(options, plane, parts);
}

class Assembly {
  readonly #options: ClusterOptions;
  readonly #env: Env;
  readonly #parts: StartedParts;
  readonly #podRange: string;
  readonly #serviceRange: string;
  #store: LocalStore | undefined;
  #plane: ControlPlane | undefined;
  #loops: ControlLoops | undefined;
  #node: RealNodeParts | undefined;

  constructor(options: ClusterOptions, env: Env, parts: StartedParts) {
    this.#options = options;
    this.#env = env;
    this.#parts = parts;
    const ranges = simulatedRanges(options.simulatedNodes ?? 0);
    this.#podRange = options.podRange ?? ranges.pods;
    this.#serviceRange = options.serviceRange ?? ranges.services;
  }

  get plane(): ControlPlane {
    if (!this.#plane) throw new Error('the API server has not been started');
    return this.#plane;
  }

  steps(): Step[] {
    const { realNode, simulatedNodes = 0 } = this.#options;
    const real: Step[] = realNode
      ? [
          { title: 'node runtime', run: () => this.#realNode.startRuntime() },
          { title: 'node, services and DNS', run: () => this.#realNode.startNode(this.plane) },
        ]
      : [];
    return [
      ...(realNode ? [{ title: 'pod network', run: () => this.#prepareNetwork(realNode) }] : []),
      { title: 'store', run: () => this.#openStore() },
      { title: 'API server', run: () => this.#startApi() },
      {
        title: 'controllers and scheduler',
        run: async () => this.#startControlLoops(),
      },
      ...real,
      ...(simulatedNodes > 0
        ? [{ title: `${simulatedNodes} simulated nodes`, run: () => this.#startSimulated(simulatedNodes) }]
        : []),
      { title: 'ready', run: () => this.#waitUntilReady() },
    ];
  }

  get #realNode(): RealNodeParts {
    if (!this.#node) throw new Error('the pod network has not been prepared');
    return this.#node;
  }

  async #prepareNetwork(realNode: NonNullable<ClusterOptions['realNode']>): Promise<void> {
    // Loaded on demand: a cluster without a real node does not need containerd's gRPC client.
    const { RealNodeParts } = await import('./nodes/real-node.ts');
    const node: RealNode = { ...realNode, podRange: this.#podRange, serviceRange: this.#serviceRange };
    this.#node = new RealNodeParts(node, this.#env, this.#parts);
    await this.#node.prepareNetwork();
  }

  async #openStore(): Promise<void> {
    const { store = 'memory' } = this.#options;
    const env = this.#env;
    const opened = store === 'memory' ? openMemoryStore(env) : await this.#openSqlite(store.sqlite);
    this.#store = opened;
    this.#parts.add('store', () => opened.close());
    if (store === 'memory') return;
    const stopNoting = noteRevisions(env, noteOf(store.sqlite), () => opened.newestRevision());
    this.#parts.add('revision notes', stopNoting);
  }

  #openSqlite(path: string): Promise<LocalStore> {
    const { acceptLoss, listener, pkiStore } = this.#options;
    return openSqliteStore({
      env: this.#env,
      path,
      knownRevision: knownRevision(noteOf(path)),
      // Certificates are only created when there is a store.
      isUsed: pkiStore?.read('ca.crt') !== undefined,
      acceptLoss,
      onLoss: (what) => listener?.warn(what),
    });
  }

  async #startApi(): Promise<void> {
    this.#refuseLostCertificates();
    this.#encryptIfNew();
    this.#plane = await startApi(this.#planeOptions(), this.#parts);
  }

  /** With new authorities, every token, certificate and kubeconfig issued before would be invalid. */
  #refuseLostCertificates(): void {
    const { pkiStore, store, acceptLoss, listener } = this.#options;
    if (!pkiStore || store === 'memory' || (this.#store?.newestRevision() ?? 1) <= 1) return;
    const missing = authorityFiles.filter((name) => !pkiStore.read(name));
    if (missing.length === 0) return;
    const loss = `${missing.join(', ')} missing among the cluster's certificates, though it has run before`;
    if (!acceptLoss) throw new StoreLossError(loss);
    listener?.warn(`${loss}; they are created again, and everything they signed is invalid`);
  }

  /** Secrets of a new cluster do not lie on the disk in the clear. */
  #encryptIfNew(): void {
    const { pkiStore, store } = this.#options;
    const isNew = (this.#store?.newestRevision() ?? 1) <= 1;
    if (!pkiStore || store === 'memory' || !isNew || ownConfiguration(pkiStore)) return;
    createOwnConfiguration(pkiStore, this.#env.random);
  }

  #startControlLoops(): void {
    const { identity = newIdentity(this.#env.random) } = this.#options;
    this.#loops = startControlLoops(
      this.plane,
      { env: this.#env, podRange: this.#podRange, identity },
      this.#parts,
    );
  }

  #planeOptions(): ControlPlaneOptions {
    const { pkiStore = memoryPkiStore(), listen = { host: '127.0.0.1', port: 0 } } = this.#options;
    if (!this.#store) throw new Error('the store has not been opened');
    return {
      env: this.#env,
      store: this.#store,
      pkiStore,
      listen,
      advertiseAddress: this.#node?.address ?? unroutedAddress,
      podRange: this.#podRange,
      serviceRange: this.#serviceRange,
      separateReaders: this.#options.separateReaders === true,
      loops: () => this.#loops,
      ...(this.#options.configuration ? { configuration: this.#options.configuration } : {}),
      ownEncryption: ownConfiguration(pkiStore),
    };
  }

  async #startSimulated(count: number): Promise<void> {
    await startSimulatedNodes({ count, env: this.#env, plane: this.plane, parts: this.#parts });
  }

  async #waitUntilReady(): Promise<void> {
    const { informers } = this.plane;
    const { clock } = this.#env;
    const wantedNodes = (this.#options.simulatedNodes ?? 0) + (this.#options.realNode ? 1 : 0);
    await Promise.all([
      informerShows(
        informers.for(nodes),
        clock,
        readyLimitMs,
        'nodes Ready',
        (found) => found.filter(isNodeReady).length >= wantedNodes,
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
      this.#node?.dnsAnswers(readyLimitMs),
    ]);
  }
}

function noteOf(database: string): string {
  return `${database}.revision`;
}

function describe(options: ClusterOptions, plane: ControlPlane, parts: StartedParts): Cluster {
  const name = options.name ?? 'default';
  const url = `https://${options.listen?.host ?? '127.0.0.1'}:${plane.port}`;
  const { certPem, keyPem } = plane.pki.admin();
  const document = kubeconfig({
    clusterName: `kybern-${name}`,
    userName: `kybern-${name}`,
    server: url,
    caPem: plane.pki.ca.certPem,
    certPem,
    keyPem,
  });
  return {
    name,
    url,
    kubeconfig: kubeconfigYaml(document),
    client: plane.admin,
    informers: plane.informers,
    resources: plane.server.resources,
    stop() {
      plane.server.initiateStop();
      return parts.stop();
    },
  };
}
