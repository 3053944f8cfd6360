/** The kubelet of a real node, over the node's containerd, with its server at the node's address. */

import {
  type KubeletConfiguration,
  readKubeletConfiguration,
} from '#api/configuration/kubelet/kubelet-configuration.ts';
import type { Taint } from '#api/generated/types.gen.ts';
import type { Env } from '#base/env.ts';
import { dnsAddressAnnotation } from '#controllers/services/dns-endpoint-slice.ts';
import type { Containerd } from '#host/containerd/containerd.ts';
import { imageMounts } from '#host/containerd/image-mounts.ts';
import { PullWatch } from '#host/containerd/pull-watch.ts';
import { registryDir } from '#host/containerd/registry-files.ts';
import { registriesFile } from '#host/home/cluster-home.ts';
import { cgroupRoot, kubeletDir, type NodePaths } from '#host/home/node-home.ts';
import { portIsFree } from '#host/network/ports.ts';
import { criRuntime } from '#kubelet/cri/cri-runtime.ts';
import type { PullSettings } from '#kubelet/images/image-puller.ts';
import { RegistriesFile } from '#kubelet/images/registries/registries-file.ts';
import type { PodPolicies } from '#kubelet/pod/pod-policies.ts';
import type { PodNetwork } from '#kubelet/runtime/pod-network.ts';
import { type Kubelet, startKubelet } from '#kubelet/start-kubelet.ts';
import { clusterDomain } from './cluster-dns.ts';
import type { NodeApi } from './node-api.ts';

export interface NodeKubeletOptions {
  readonly env: Env;
  readonly api: NodeApi;
  readonly paths: NodePaths;
  readonly nodeName: string;
  readonly address: string;
  readonly dnsAddress: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly Taint[];
  /** Default: as an empty section of a configuration has it. */
  readonly kubelet?: KubeletConfiguration;
  readonly containerd: Containerd;
  readonly untilDrained: (ip: string) => Promise<void>;
  /** Undefined where the user brings a pod network. */
  readonly pods: PodNetwork | undefined;
  /** Undefined where the user's pod network has its own. */
  readonly networkPolicies: PodPolicies | undefined;
}

/** The port that clients use which do not read it from the API. */
const usualPort = 10250;

export async function startNodeKubelet(options: NodeKubeletOptions): Promise<Kubelet> {
  const { env, api, paths, nodeName, address, labels, taints, containerd, untilDrained } = options;
  const { pods, networkPolicies } = options;
  const { certificate, clientCaPem, follow } = api.serving;
  const kubelet = await startKubelet({
    env,
    ...api.kubelet,
    nodeName,
    nodeIp: address,
    ...(labels ? { labels } : {}),
    ...(taints ? { taints } : {}),
    annotations: { [dnsAddressAnnotation]: address },
    imageMounts: imageMounts(containerd.socket),
    runtime: criRuntime(containerd.socket),
    pulls: pullSettings(env, paths, containerd.socket),
    ...(pods ? { podNetwork: pods } : {}),
    dataDir: kubeletDir(paths),
    cgroupRoot: cgroupRoot(paths),
    imageDir: containerd.rootDir,
    config: options.kubelet ?? readKubeletConfiguration({}),
    clusterDns: options.dnsAddress,
    clusterDomain,
    untilDrained,
    ...(networkPolicies ? { networkPolicies } : {}),
    server: {
      host: address,
      port: await freePort(env, address),
      ...certificate,
      clientCaPem,
      systemLogs: '/var/log',
    },
  });
  // It may have been renewed while the kubelet started.
  follow?.((renewed) => kubelet.useCertificate(renewed));
  return kubelet;
}

function pullSettings(
  { log }: Env,
  paths: NodePaths,
  socket: string,
): Pick<PullSettings, 'registries' | 'looksAt'> {
  return {
    registries: new RegistriesFile({
      log,
      path: registriesFile(),
      hostsDir: registryDir(paths.node),
      socket,
    }),
    looksAt: (image) => new PullWatch(socket, image),
  };
}

/** Another program may listen on all addresses of the machine: the Node's status then has another port. */
async function freePort({ log }: Env, address: string): Promise<number> {
  if (await portIsFree(address, usualPort)) return usualPort;
  log.warn('port 10250 is taken on this machine: the kubelet listens on another port');
  return 0;
}
