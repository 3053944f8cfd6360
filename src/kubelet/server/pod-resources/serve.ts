/**
 * Serves the pod resources API at `pod-resources/kubelet.sock`, in the versions v1 and v1alpha1, at upstream's rate: a
 * hundred requests a second, ten at once. Upstream: pkg/kubelet/apis/podresources.
 */

import { type Clock, sleep } from '#base/clock.ts';
import { Counter } from '#base/metrics/counter.ts';
import type { Metric } from '#base/metrics/metric.ts';
import { TokenBucket } from '#client/queue/token-bucket.ts';
import { ensureDirectory, removeFile } from '#host/files/files.ts';
import { RpcError } from '../../grpc/rpc-error.ts';
import { type ServiceMethod, ServiceServer } from '../../grpc/service-server.ts';
import type { Message } from '../../grpc/service-types.ts';
import type { KubeNode } from '../../node/kube-node.ts';
import type { NodePod } from '../../pod/pod.ts';
import { allocatableAnswer, podAnswer, type ResourceSources } from './answers.ts';
import v1 from './v1.gen.json' with { type: 'json' };
import v1alpha1 from './v1alpha1.gen.json' with { type: 'json' };

const requestsPerSecond = 100;
const requestsAtOnce = 10;
/**
 * Before a request above the rate is refused, which upstream does at once: a client that repeats it at once would keep this
 * process busy, and with it the API server.
 */
const refusalDelayMs = 1000;

export interface PodResourcesParts {
  readonly clock: Clock;
  /** The socket's folder, which is made. */
  readonly folder: string;
  readonly managers: ResourceSources;
  readonly node: Pick<KubeNode, 'activePods' | 'pods' | 'findPod'>;
}

export class PodResourcesMetrics {
  readonly requests = counter('requests_total', 'Requests of the pod resources API, by its version.');
  readonly list = counter('requests_list', 'Requests for the resources of all pods, by version.');
  readonly get = counter('requests_get', 'Requests for the resources of one pod, by version.');
  readonly getErrors = counter(
    'errors_get',
    'Requests for the resources of a pod that is not here, by version.',
  );
  readonly getAllocatable = counter(
    'requests_get_allocatable',
    'Requests for what is allocatable, by version.',
  );

  get metrics(): readonly Metric[] {
    return [this.requests, this.list, this.get, this.getErrors, this.getAllocatable];
  }
}

function counter(name: string, help: string): Counter {
  return new Counter(`kubelet_pod_resources_endpoint_${name}`, help);
}

export async function servePodResources(
  parts: PodResourcesParts,
  metrics: PodResourcesMetrics,
): Promise<ServiceServer> {
  const { clock, folder } = parts;
  await ensureDirectory(folder);
  const socket = `${folder}/kubelet.sock`;
  await removeFile(socket);
  const bucket = new TokenBucket(clock, requestsPerSecond, requestsAtOnce);
  const limited = (methods: Record<string, ServiceMethod>) => ({
    PodResourcesLister: Object.fromEntries(
      Object.entries(methods).map(([name, method]) => [name, withinRate(clock, bucket, method)]),
    ),
  });
  return ServiceServer.listen(
    socket,
    { description: v1, methods: limited(stableMethods(parts, metrics)) },
    { description: v1alpha1, methods: limited(alphaMethods(parts, metrics)) },
  );
}

function withinRate(clock: Clock, bucket: TokenBucket, method: ServiceMethod): ServiceMethod {
  return async (request) => {
    if (bucket.tryTake()) return method(request);
    await sleep(clock, refusalDelayMs);
    throw new RpcError('ResourceExhausted', 'rejected by rate limit');
  };
}

function stableMethods(
  parts: PodResourcesParts,
  metrics: PodResourcesMetrics,
): Record<string, ServiceMethod> {
  const { managers, node } = parts;
  const count = (...counters: Counter[]) => {
    for (const counted of [metrics.requests, ...counters]) counted.of({ server_api_version: 'v1' }).value++;
  };
  return {
    List() {
      count(metrics.list);
      return { podResources: node.activePods().map((pod) => podAnswer(pod, managers)) };
    },
    Get(request) {
      count(metrics.get);
      const { podNamespace, podName } = request as { podNamespace: string; podName: string };
      const pod = node.findPod(podNamespace, podName);
      if (pod) return { podResources: podAnswer(pod, managers) };
      metrics.getErrors.of({ server_api_version: 'v1' }).value++;
      throw new Error(`pod ${podName} in namespace ${podNamespace} not found`);
    },
    GetAllocatableResources() {
      count(metrics.getAllocatable);
      return allocatableAnswer(managers);
    },
  };
}

/** It knows devices of app containers alone. */
function alphaMethods(
  { managers, node }: PodResourcesParts,
  metrics: PodResourcesMetrics,
): Record<string, ServiceMethod> {
  return {
    List() {
      metrics.requests.of({ server_api_version: 'v1alpha1' }).value++;
      return { podResources: node.pods().map((pod) => alphaAnswer(pod, managers)) };
    },
  };
}

function alphaAnswer({ metadata, spec }: NodePod, { devices }: ResourceSources): Message {
  const containers = spec.containers.map(({ name }) => ({
    name,
    devices: devices
      .allocated(metadata.uid, name)
      .map(({ resource, id }) => ({ resourceName: resource, deviceIds: [id] })),
  }));
  return { name: metadata.name, namespace: metadata.namespace, containers };
}
