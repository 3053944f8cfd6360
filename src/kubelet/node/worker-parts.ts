/** What the workers of a node share: its runtime, images, probes, statuses, and what its pods are given. */

import { services } from '#api/generated/kinds.gen.ts';
import { isStaticPod } from '#api/pods/system-priority.ts';
import { BackOffs } from '#base/back-off.ts';
import type { EventRecorder } from '#client/events/recorder.ts';
import type { Rejection } from '../admission/rejection.ts';
import type { PendingResize } from '../admission/resize-order.ts';
import { ImageManager } from '../images/image-manager.ts';
import type { NodeImages } from '../images/node-images.ts';
import type { NodePod } from '../pod/pod.ts';
import { restartLimits } from '../pod/retries.ts';
import { Prober } from '../probes/prober.ts';
import { deletePod } from '../worker/ending/delete-pod.ts';
import type { WorkerParts } from '../worker/pod-worker.ts';
import { ContainerMetrics } from '../worker/status/container-metrics.ts';
import { StatusManager } from '../worker/status/status-manager.ts';
import { readViewWithMessages } from '../worker/termination-messages.ts';
import type { NodeOptions } from './options.ts';
import type { PodWorkers } from './pod-workers.ts';

export interface SharedParts {
  readonly events: EventRecorder;
  readonly images: NodeImages;
  readonly workers: PodWorkers;
  /** Why a resize of the pod cannot be granted now. */
  deferResize(resize: PendingResize): Rejection | undefined;
}

export function workerParts(options: NodeOptions, shared: SharedParts): WorkerParts {
  const { env, client, informers, facts, runtime, setup, hooks, runProbe, objects, swap } = options;
  const { events, images, workers, deferResize } = shared;
  const { records } = images;
  const containerMetrics = new ContainerMetrics();
  const uidInApi = (pod: NodePod) =>
    isStaticPod(pod) ? options.podSource.mirrorUid?.(pod) : pod.metadata.uid;
  const statuses = new StatusManager({ env, client, metrics: containerMetrics }, uidInApi);
  const serviceInformer = informers.for(services);
  return {
    env,
    nodeName: facts.nodeName,
    nodeIp: facts.nodeIp,
    runtime,
    setup,
    events,
    images: new ImageManager({ env, runtime, events, objects, records, pulls: images }),
    probes: new Prober(env, events, runProbe, (uid) => workers.poke(uid)),
    hooks,
    statuses,
    reported: (uid) => statuses.get(uid),
    containerMetrics,
    objects,
    restarts: new BackOffs(() => env.clock.now(), restartLimits),
    readView: (uid) => readViewWithMessages({ runtime, setup }, uid, workers.get(uid)?.pod),
    deletePod: (pod) => deletePod(client, pod),
    clock: env.clock,
    deferResize,
    services: () => serviceInformer.list(),
    allocatable: () => facts.allocatable,
    swap,
    cpus: options.cpus,
    memory: options.memory,
    claims: options.claims?.manager,
    deviceSources: options.deviceSources ?? [],
    untilDrained: options.untilDrained ?? (async () => undefined),
    networkPolicies: options.networkPolicies,
  };
}
