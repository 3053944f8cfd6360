/**
 * The one real node of a cluster on this machine: its network first, then containerd, then kubelet, service
 * proxy and DNS.
 */

import { hostname } from 'node:os';
import dnsPacket from 'dns-packet';
import { endpointSlices, services } from '#api/generated/kinds.gen.ts';
import type { EndpointSlice, Service } from '#api/generated/types.gen.ts';
import type { KubeObject } from '#api/meta/object.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import { StatusError } from '#api/meta/status.ts';
import { sleep } from '#base/clock.ts';
import type { Env } from '#base/env.ts';
import { addressAt, parseCidr } from '#base/net/cidr.ts';
import type { Client } from '#client/client.ts';
import { createClient } from '#client/rest/client.ts';
import { startDns } from '#dns/server.ts';
import { type Containerd, startContainerd } from '#host/containerd/containerd.ts';
import { ensureDirectory } from '#host/files/files.ts';
import { keepLogLimited } from '#host/files/log-limit.ts';
import { type ClusterPaths, flowLimitsRecord } from '#host/home/cluster-home.ts';
import { cgroupRoot, cniConfDir, cniLeaseDir, containerdOptions, kubeletDir } from '#host/home/node-home.ts';
import { takeRoutes, uplinkMtu } from '#host/network/bridge.ts';
import { askDns, machineNameServers } from '#host/network/dns-sockets.ts';
import { raiseFlowLimits } from '#host/network/flow-limits.ts';
import { portIsFree } from '#host/network/ports.ts';
import { criRuntime } from '#kubelet/cri/cri-runtime.ts';
import { startKubelet } from '#kubelet/start-kubelet.ts';
import { BridgedPods } from '#network/pods/pod-network.ts';
import type { TableFrame } from '#network/services/nft-script.ts';
import { installFrame, type ServiceProxy, startServiceProxy } from '#network/services/proxy.ts';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { dnsUser, nodeUser, proxyUser } from '../control-plane/identities.ts';
import type { StartedParts } from '../started-parts.ts';

export interface RealNode {
  readonly paths: ClusterPaths;
  readonly bridge: string;
  readonly table: string;
  readonly podRange: string;
  readonly serviceRange: string;
}

const zone = 'cluster.local';
const dnsOffset = 10;
const dnsPort = 53;
const dnsTryMs = 50;
/**
 * The port that clients use which do not read it from the API; free, since the address is the cluster's own.
 */
const kubeletPort = 10250;
/** A single serving endpoint stays in the table until its pod is gone: waiting longer is pointless. */
const drainLimitMs = 1000;

export class RealNodeParts {
  readonly #node: RealNode;
  readonly #env: Env;
  readonly #parts: StartedParts;
  readonly #frame: TableFrame;
  #mtu = 1500;
  #containerd: Containerd | undefined;

  constructor(node: RealNode, env: Env, parts: StartedParts) {
    this.#node = node;
    this.#env = env;
    this.#parts = parts;
    const { table: name, bridge, podRange, serviceRange } = node;
    this.#frame = { name, bridge, podRange, serviceRange };
  }

  /** The node's address: that of the pod bridge, which changes of the machine's networks do not affect. */
  get address(): string {
    return addressAt(parseCidr(this.#node.podRange), 1);
  }

  /** Creates routes and guards, before anything can send to the cluster's ranges. */
  async prepareNetwork(): Promise<void> {
    this.#mtu = await uplinkMtu();
    await takeRoutes(this.#node.bridge, this.#node);
    await installFrame(this.#frame);
    // After the table: its rules load the kernel's connection tracking.
    const notRaised = await raiseFlowLimits(flowLimitsRecord);
    if (notRaised.length > 0) this.#env.log.debug('limits of tracked flows stay as they are', { notRaised });
  }

  async startRuntime(): Promise<void> {
    const { paths } = this.#node;
    // The runtime watches it from its start on.
    await ensureDirectory(cniConfDir(paths), 0o700);
    this.#containerd = await startContainerd(containerdOptions(paths));
    const { logFile, release } = this.#containerd;
    this.#parts.add('containerd watch', release);
    this.#parts.add('containerd log', keepLogLimited(this.#env, logFile));
  }

  async startNode(plane: ControlPlane): Promise<void> {
    const nodeName = hostname().toLowerCase();
    const proxy = this.#startProxy(plane, nodeName);
    const untilDrained = async (ip: string) => (await proxy).withdrawn(ip, drainLimitMs);
    await Promise.all([proxy, this.#startKubelet(plane, nodeName, untilDrained), this.#startDns(plane)]);
  }

  /** Queries the cluster's DNS at its service address, as a pod does. */
  async dnsAnswers(limitMs: number): Promise<void> {
    const { clock } = this.#env;
    const query = dnsPacket.encode({
      type: 'query',
      id: 1,
      questions: [{ type: 'A', name: `kubernetes.default.svc.${zone}` }],
    });
    const until = clock.monotonicMs() + limitMs;
    while (clock.monotonicMs() < until) {
      const answer = await askDns(this.#dnsAddress, query, 500).catch(() => undefined);
      if (answer && (dnsPacket.decode(answer).answers?.length ?? 0) > 0) return;
      await sleep(clock, dnsTryMs);
    }
    throw new Error(`cluster DNS does not answer at ${this.#dnsAddress}`);
  }

  get #dnsAddress(): string {
    return addressAt(parseCidr(this.#node.serviceRange), dnsOffset);
  }

  async #startKubelet(
    plane: ControlPlane,
    nodeName: string,
    untilDrained: (ip: string) => Promise<void>,
  ): Promise<void> {
    if (!this.#containerd) throw new Error('containerd has not been started');
    const { paths } = this.#node;
    const serving = plane.pki.kubeletServing(nodeName, [this.address]);
    const user = nodeUser(nodeName);
    const kubelet = await startKubelet({
      env: { ...this.#env, log: this.#env.log.child({ part: 'kubelet' }) },
      client: createClient(plane.server.transport(user), { userAgent: 'kubelet' }),
      informers: plane.readers.as(user),
      nodeName,
      nodeIp: this.address,
      runtime: criRuntime(this.#containerd.socket),
      podNetwork: new BridgedPods({
        bridge: this.#node.bridge,
        mtu: this.#mtu,
        confDir: cniConfDir(paths),
        leaseDir: cniLeaseDir(paths),
      }),
      dataDir: kubeletDir(paths),
      cgroupRoot: cgroupRoot(paths),
      clusterDns: this.#dnsAddress,
      clusterDomain: zone,
      untilDrained,
      server: {
        host: this.address,
        port: await this.#kubeletPort(),
        certPem: serving.certPem,
        keyPem: serving.keyPem,
        clientCaPem: plane.pki.ca.certPem,
        systemLogs: '/var/log',
      },
    });
    this.#parts.add('kubelet', () => kubelet.stop());
  }

  /** Another program may listen on all addresses of the machine: the Node's status then has another port. */
  async #kubeletPort(): Promise<number> {
    if (await portIsFree(this.address, kubeletPort)) return kubeletPort;
    this.#env.log.warn('port 10250 is taken on this machine: the kubelet listens on another one');
    return 0;
  }

  async #startProxy(plane: ControlPlane, nodeName: string): Promise<ServiceProxy> {
    const informers = plane.readers.as(proxyUser);
    // Host ports are read with the node's identity; kube-proxy may not read pods.
    const nodeInformers = plane.readers.as(nodeUser(nodeName));
    const env = { ...this.#env, log: this.#env.log.child({ part: 'service proxy' }) };
    const nodeIp = this.address;
    const proxy = await startServiceProxy({
      env,
      informers,
      nodeInformers,
      nodeName,
      nodeIp,
      frame: this.#frame,
    });
    this.#parts.add('service proxy', () => proxy.stop());
    return proxy;
  }

  async #startDns(plane: ControlPlane): Promise<void> {
    const { readers, admin } = plane;
    const informers = readers.as(dnsUser);
    // Pods reach the API server at the endpoint of the `kubernetes` service.
    const api = await plane.server.listen({ host: this.address, port: plane.port });
    if (api.port !== plane.port) throw new Error('the API server got another port on the bridge');
    const env = { ...this.#env, log: this.#env.log.child({ part: 'dns' }) };
    const upstreams = await machineNameServers();
    const own = [this.address, this.#dnsAddress];
    const dns = await startDns({ env, informers, zone, host: this.address, port: dnsPort, upstreams, own });
    this.#parts.add('DNS', () => dns.close());
    await ensure(admin, services, dnsService(this.#dnsAddress));
    await ensure(admin, endpointSlices, dnsEndpoints(this.address));
  }
}

const dnsMeta = {
  name: 'kube-dns',
  namespace: 'kube-system',
  labels: { 'k8s-app': 'kube-dns', 'kubernetes.io/name': 'CoreDNS' },
};

function dnsService(clusterIP: string): Service {
  const ports = [
    { name: 'dns', port: 53, protocol: 'UDP', targetPort: dnsPort },
    { name: 'dns-tcp', port: 53, protocol: 'TCP', targetPort: dnsPort },
  ];
  return { metadata: dnsMeta, spec: { clusterIP, ports } };
}

/** Created directly, since DNS runs in this process and not in pods that a selector could select. */
function dnsEndpoints(address: string): EndpointSlice {
  const labels = {
    ...dnsMeta.labels,
    'kubernetes.io/service-name': dnsMeta.name,
    'endpointslice.kubernetes.io/managed-by': 'kybern',
  };
  return {
    metadata: { ...dnsMeta, labels },
    addressType: 'IPv4',
    ports: [
      { name: 'dns', port: dnsPort, protocol: 'UDP' },
      { name: 'dns-tcp', port: dnsPort, protocol: 'TCP' },
    ],
    endpoints: [{ addresses: [address], conditions: { ready: true, serving: true, terminating: false } }],
  };
}

/** Read first: a taken service address is rejected before an existing name is. */
async function ensure<T extends KubeObject>(client: Client, type: ResourceType<T>, object: T): Promise<void> {
  const { namespace, name } = dnsMeta;
  try {
    await client.get(type, { namespace, name });
  } catch (error) {
    if (!(error instanceof StatusError && error.reason === 'NotFound')) throw error;
    await client.create(type, object);
  }
}
