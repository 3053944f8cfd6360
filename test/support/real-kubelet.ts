/**
 * A kubelet over a containerd of its own and an API server in this process: for tests of what happens to
 * containers.
 */

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { readKubeletConfiguration } from '#api/configuration/kubelet/kubelet-configuration.ts';
import { configMaps, events, namespaces, pods, serviceAccounts } from '#api/generated/kinds.gen.ts';
import type { Container, ContainerStatus, Pod, PodStatus } from '#api/generated/types.gen.ts';
import type { Env } from '#base/env.ts';
import type { Client } from '#client/client.ts';
import { createInformers } from '#client/informers/informers.ts';
import { createClient } from '#client/rest/client.ts';
import type { ApiRequest, Transport } from '#client/transport/transport.ts';
import { type ControlPlane, startApi } from '#cluster/control-plane/control-plane.ts';
import { StartedParts } from '#cluster/started-parts.ts';
import {
  type Containerd,
  type ContainerdOptions,
  deleteContainerd,
  startContainerd,
} from '#host/containerd/containerd.ts';
import { imageMounts } from '#host/containerd/image-mounts.ts';
import { PullWatch } from '#host/containerd/pull-watch.ts';
import { registryDir } from '#host/containerd/registry-files.ts';
import { shortName, upLock } from '#host/home/cluster-home.ts';
import { withMachineLock } from '#host/home/machine-lock.ts';
import { buildImage } from '#host/images/oci-image.ts';
import { unmountUnder } from '#host/kernel/mounts.ts';
import { deleteBridge, ensureBridge, machineRoutes } from '#host/network/bridge.ts';
import { tryCommand } from '#host/processes/command.ts';
import { systemEnv } from '#host/system-env.ts';
import { criRuntime } from '#kubelet/cri/cri-runtime.ts';
import type { ShutdownSource } from '#kubelet/eviction/shutdown/node-shutdown.ts';
import { RegistriesFile } from '#kubelet/images/registries/registries-file.ts';
import type { Runtime } from '#kubelet/runtime/runtime.ts';
import { type Kubelet, startKubelet } from '#kubelet/start-kubelet.ts';
import { cniConfig } from '#network/pods/cni-config.ts';
import { kubeconfig, kubeconfigYaml } from '#pki/kubeconfig.ts';
import { memoryPkiStore } from '#pki/pki.ts';
import { openMemoryStore } from '#store/memory/store.ts';

export const image = 'kubelet-test:1';
export const nodeName = 'real';
const namespace = 'e2e';
const kubectl = process.env['KUBECTL'] ?? 'kubectl';

const applets =
  'sh cat sleep ls echo env id mount tar nc wc true false stat kill touch printf stty yes head hostname ps readlink cut grep date seq sysctl ip httpd mkdir rm chown ln dd';

export class RealKubelet {
  readonly dir = mkdtempSync(`${tmpdir()}/kybern-kubelet-`);
  readonly env: Env = systemEnv();
  readonly containerdOptions: ContainerdOptions;
  /** Read at each pull. */
  readonly registriesFile = `${this.dir}/registries.yaml`;
  plane!: ControlPlane;
  client!: Client;
  containerd!: Containerd;
  runtime!: Runtime;
  kubelet!: Kubelet;
  readonly #bridge: string;
  readonly #parts = new StartedParts();
  #apiGone = new AbortController();

  /**
   * Everything on the machine is named after the run's own folder: two runs at once have nothing in common.
   */
  constructor(cniBinDir = '/usr/lib/cni') {
    const suffix = shortName('kubelet', this.dir);
    this.#bridge = `kyb${suffix}`;
    this.containerdOptions = {
      dataDir: `${this.dir}/node`,
      runDir: `/run/kybern/${suffix}`,
      podCni: { binDir: cniBinDir, confDir: `${this.dir}/cni` },
      cgroupRoot: `kybern-${suffix}`,
    };
  }

  /** Of the next kubelet. */
  config = readKubeletConfiguration({});
  /** Announces a shutdown of the machine to the next kubelet. */
  shutdownSource: ShutdownSource = { follow: () => () => undefined, delay: () => () => undefined };

  async start(): Promise<void> {
    const { podCni } = this.containerdOptions;
    mkdirSync(podCni.confDir, { recursive: true });
    const podCidr = await takePodRange(this.#bridge);
    const cni = cniConfig({
      bridge: this.#bridge,
      podCidrs: [podCidr],
      mtu: 1500,
      leaseDir: `${this.dir}/leases`,
    });
    writeFileSync(`${podCni.confDir}/10-test.conflist`, cni);
    await this.#startApi(podCidr);
    this.containerd = await startContainerd(this.containerdOptions);
    await this.#importImage();
    this.runtime = criRuntime(this.containerd.socket);
    await this.startKubelet();
    await this.#makeNamespace();
  }

  async startKubelet(): Promise<void> {
    const serving = this.plane.pki.kubeletServing(nodeName, ['127.0.0.1']);
    const user = {
      name: `system:node:${nodeName}`,
      groups: ['system:masters', 'system:authenticated'],
    };
    const nodeClient = createClient(this.#switchable(this.plane.server.transport(user)));
    this.kubelet = await startKubelet({
      env: this.env,
      client: nodeClient,
      informers: createInformers(nodeClient, this.env),
      nodeName,
      nodeIp: '127.0.0.1',
      runtime: this.runtime,
      imageMounts: imageMounts(this.containerd.socket),
      pulls: {
        registries: new RegistriesFile({
          log: this.env.log,
          path: this.registriesFile,
          hostsDir: registryDir(this.containerdOptions.dataDir),
          socket: this.containerd.socket,
        }),
        looksAt: (image) => new PullWatch(this.containerd.socket, image),
      },
      dataDir: `${this.dir}/kubelet`,
      imageDir: this.containerd.rootDir,
      config: this.config,
      shutdownSource: this.shutdownSource,
      cgroupRoot: this.containerdOptions.cgroupRoot,
      clusterDns: '198.19.0.10',
      clusterDomain: 'cluster.local',
      server: {
        host: '127.0.0.1',
        port: 0,
        certPem: serving.certPem,
        keyPem: serving.keyPem,
        clientCaPem: this.plane.pki.ca.certPem,
      },
    });
  }

  /** The kubelet cannot reach the API server until it is back. */
  apiGoes(): void {
    this.#apiGone.abort();
  }

  apiComesBack(): void {
    this.#apiGone = new AbortController();
  }

  async stop(): Promise<void> {
    await this.kubelet?.stop();
    this.runtime?.close();
    this.containerd?.release();
    await this.#parts.stop();
    await deleteContainerd(this.containerdOptions);
    await deleteBridge(this.#bridge);
    await unmountUnder(this.dir);
    rmSync(this.dir, { recursive: true, force: true });
  }

  /** Stock kubectl, in the namespace of the tests; throws with what it printed when it fails. */
  async kube(args: string[], input?: string, more: Record<string, string> = {}): Promise<string> {
    const result = await tryCommand(kubectl, args, {
      env: { ...this.kubectlEnv(), ...more },
      timeoutMs: 120_000,
      ...(input === undefined ? {} : { input }),
    });
    if (result.code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${result.stderr}${result.stdout}`);
    return result.stdout;
  }

  kubectlEnv(): Record<string, string> {
    return { KUBECONFIG: `${this.dir}/kubeconfig`, HOME: this.dir };
  }

  async create(name: string, spec: object, metadata: object = {}): Promise<void> {
    await this.client.create(pods, {
      metadata: { name, namespace, ...metadata },
      spec: { nodeName, terminationGracePeriodSeconds: 3, ...spec },
    } as Pod);
  }

  async statusOf(name: string): Promise<PodStatus> {
    return (await this.client.get(pods, { namespace, name })).status ?? {};
  }

  /** Of the first container, or the named one. */
  async containerOf(name: string, container?: string): Promise<ContainerStatus> {
    const { containerStatuses = [], initContainerStatuses = [] } = await this.statusOf(name);
    const all = [...containerStatuses, ...initContainerStatuses];
    const found =
      container === undefined ? all[0] : all.find((containerStatus) => containerStatus.name === container);
    if (!found) throw new Error(`pod ${name} has no status of its container yet`);
    return found;
  }

  /** The messages of events about a pod, by reason. */
  async eventsOf(name: string, reason: string): Promise<string[]> {
    const { items } = await this.client.list(events, { namespace });
    return items
      .filter((event) => event.involvedObject.name === name && event.reason === reason)
      .map((event) => event.message ?? '');
  }

  async until(what: string, holds: () => Promise<boolean>, limitMs = 60_000): Promise<void> {
    const endMs = performance.now() + limitMs;
    let last: unknown = '';
    while (performance.now() < endMs) {
      try {
        if (await holds()) return;
        last = '';
      } catch (error) {
        last = error;
      }
      await delay(100);
    }
    assert.fail(`it never came to be: ${what} ${last}`);
  }

  async untilPhase(name: string, phase: string): Promise<PodStatus> {
    await this.#untilPod(name, phase, (status) => status.phase === phase);
    return this.statusOf(name);
  }

  async untilReady(name: string): Promise<void> {
    await this.#untilPod(name, 'Ready', ({ conditions = [] }) =>
      conditions.some((condition) => condition.type === 'Ready' && condition.status === 'True'),
    );
  }

  /** Fails with all that is known of the pod. */
  async #untilPod(name: string, what: string, holds: (status: PodStatus) => boolean): Promise<void> {
    try {
      await this.until(`${name} ${what}`, async () => holds(await this.statusOf(name)));
    } catch (error) {
      const { items } = await this.client.list(events, { namespace });
      const reported = items
        .filter((event) => event.involvedObject.name === name)
        .map((event) => event.message);
      const log = await this.kube(['logs', name]).catch(String);
      throw new Error(
        `${(error as Error).message}: ${JSON.stringify(await this.statusOf(name))} ${reported.join('; ')} ${log}`,
      );
    }
  }

  async untilLogged(name: string, text: string): Promise<string> {
    await this.until(`${text} in the log of ${name}`, async () =>
      (await this.kube(['logs', name, '-c', 'main'])).includes(text),
    );
    return this.kube(['logs', name, '-c', 'main']);
  }

  async #startApi(podRange: string): Promise<void> {
    const store = openMemoryStore(this.env);
    this.#parts.add('store', () => store.close());
    this.plane = await startApi(
      {
        env: this.env,
        store,
        pkiStore: memoryPkiStore(),
        listen: { host: '127.0.0.1', port: 0 },
        advertiseAddress: '127.0.0.1',
        podRange,
        serviceRange: '198.19.0.0/16',
      },
      this.#parts,
    );
    this.client = this.plane.admin;
    this.#writeKubeconfig();
  }

  async #makeNamespace(): Promise<void> {
    const { client } = this;
    await client.create(namespaces, { metadata: { name: namespace } }).catch(() => undefined);
    const data = { 'ca.crt': this.plane.pki.ca.certPem };
    await client.create(configMaps, { metadata: { name: 'kube-root-ca.crt', namespace }, data });
    await client.create(serviceAccounts, { metadata: { name: 'default', namespace } }).catch(() => undefined);
  }

  async #importImage(): Promise<void> {
    const files = [
      { path: 'bin/', mode: 0o755 },
      { path: 'etc/', mode: 0o755 },
      { path: 'tmp/', mode: 0o1777 },
      { path: 'bin/busybox', mode: 0o755, content: readFileSync('/usr/bin/busybox') },
      ...applets.split(' ').map((name) => ({ path: `bin/${name}`, mode: 0o777, linkTo: 'busybox' })),
    ];
    await this.importImage(image, files, { Env: ['PATH=/bin'], Cmd: ['sh'] });
  }

  async importImage(
    ref: string,
    files: Parameters<typeof buildImage>[0]['layers'][0],
    config: Parameters<typeof buildImage>[0]['config'],
  ): Promise<void> {
    const archive = `${this.dir}/image.tar`;
    writeFileSync(archive, buildImage({ ref, layers: [files], config }));
    await this.containerd.importImage(archive);
  }

  #switchable(transport: Transport): Transport {
    return {
      request: (request) =>
        this.#apiGone.signal.aborted
          ? Promise.reject(new Error('the API server is away'))
          : transport.request(this.#endsWithApi(request)),
      close: () => transport.close(),
    };
  }

  /** Requests and watches under way end when the API server goes. */
  #endsWithApi(request: ApiRequest): ApiRequest {
    const gone = this.#apiGone.signal;
    return { ...request, signal: request.signal ? AbortSignal.any([request.signal, gone]) : gone };
  }

  #writeKubeconfig(): void {
    const document = kubeconfig({
      clusterName: 'kubelet-test',
      userName: 'admin',
      server: `https://127.0.0.1:${this.plane.port}`,
      caPem: this.plane.pki.ca.certPem,
      ...this.plane.pki.admin(),
      namespace,
    });
    writeFileSync(`${this.dir}/kubeconfig`, kubeconfigYaml(document), { mode: 0o600 });
  }
}

/**
 * Gives the bridge the first free /24 of 198.18.0.0/16: that of benchmarks, which no cluster on this machine
 * takes.
 */
function takePodRange(bridge: string): Promise<string> {
  return withMachineLock(upLock, async () => {
    const taken = await machineRoutes();
    const free = Array.from({ length: 256 }, (_, octet) => `198.18.${octet}`).find(
      (prefix) => !taken.includes(`${prefix}.0/24`),
    );
    if (!free) assert.fail('every /24 of 198.18.0.0/16 is routed on this machine');
    const podCidr = `${free}.0/24`;
    await ensureBridge({
      name: bridge,
      address: `${free}.1/24`,
      source: `${free}.1`,
      routes: [podCidr],
      mtu: 1500,
    });
    return podCidr;
  });
}

export function shell(script: string, more: Partial<Container> = {}): Container {
  return { name: 'main', image, command: ['sh', '-c', script], ...more } as Container;
}
