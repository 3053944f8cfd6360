/**
 * Pods bound per second through the API, in one process: 5,000 nodes, the whole way from watch to binding.
 *
 * The ceiling is a loop that posts the same bindings without scheduling: the rate of the API server alone.
 */

import { setTimeout as delay } from 'node:timers/promises';
import {
  nodes,
  persistentVolumeClaims,
  persistentVolumes,
  podDisruptionBudgets,
  pods,
  storageClasses,
} from '#api/generated/kinds.gen.ts';
import type { PodSpec } from '#api/generated/types.gen.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { bindingHandlers } from '#apiserver/subresources/binding.ts';
import type { Client } from '#client/client.ts';
import type { ControllerDefinition } from '#client/controllers/controller.ts';
import { startControllers } from '#client/controllers/controller-runner.ts';
import { createInformers } from '#client/informers/informers.ts';
import { persistentVolumeBinder } from '#controllers/volumes/binder/binder.ts';
import { systemEnv } from '#host/system-env.ts';
import { startScheduler } from '#scheduler/scheduler.ts';
import { makeNode, makePod } from '#testing/scheduling/objects.ts';
import { startTestServer } from '#testing/server/test-server.ts';
import type { BenchRow } from './row.ts';

const nodeCount = 5_000;
const inFlight = 64;
const namespace = 'default';
const labels = { app: 'bench' };
const term = { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: labels } };
const zone = 'topology.kubernetes.io/zone';
const zoneTerm = { ...term, topologyKey: zone };
const lateClass = 'late';

interface Load {
  readonly what: string;
  readonly podCount: number;
  readonly spec?: Partial<PodSpec>;
  /** Created before the pods. */
  prepare?(client: Client): Promise<void>;
  /** Of the i-th pod alone. */
  specOf?(i: number): Partial<PodSpec>;
  /** Counts also the time until the first pod is bound: room is made for all of them meanwhile. */
  readonly fromStart?: boolean;
  /** Run beside the scheduler. */
  readonly controllers?: readonly ControllerDefinition[];
}

const loads: readonly Load[] = [
  { what: 'plain pods (goal 3000/s)', podCount: 5_000 },
  {
    what: 'pod affinity (goal 1000/s)',
    podCount: 2_000,
    spec: { affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [zoneTerm] } } },
  },
  {
    what: 'pod anti-affinity (goal 1000/s)',
    podCount: 2_000,
    spec: { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } } },
  },
  {
    what: 'spread over zones and hosts (goal 1000/s)',
    podCount: 2_000,
    spec: {
      topologySpreadConstraints: [zoneTerm, term].map((each) => ({
        ...each,
        maxSkew: 1,
        whenUnsatisfiable: 'DoNotSchedule',
      })),
    },
  },
];

const volumeLoad: Load = {
  what: 'a claim that waits for its pod',
  podCount: 1_000,
  prepare: (client) => prepareVolumes(client, 1_000),
  specOf: (i) => ({ volumes: [{ name: 'data', persistentVolumeClaim: { claimName: `data-${i}` } }] }),
  controllers: [persistentVolumeBinder],
};

/** On every node two pods that one disruption budget protects, and two that none does. */
const preemptionLoad: Load = {
  what: 'preemption, disruption budgets',
  podCount: 1_000,
  prepare: prepareVictims,
  fromStart: true,
  spec: { priority: 100, containers: [{ name: 'main', image: 'i', resources: { requests: { cpu: '2' } } }] },
};

export const schedulerBench = () => rowsOf(loads);
export const schedulerVolumesBench = () => rowsOf([volumeLoad]);
export const schedulerPreemptionBench = () => rowsOf([preemptionLoad]);

async function rowsOf(loads: readonly Load[]): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  const ceiling = await barePerSecond();
  for (const load of loads) {
    const perSecond = await scheduledPerSecond(load);
    rows.push({
      what: `scheduler: ${nodeCount} nodes, ${load.what}`,
      value: `${Math.round(perSecond)} pods/s`,
      ceiling: `${Math.round(ceiling)} bindings/s`,
      ratio: perSecond / ceiling,
    });
  }
  return rows;
}

async function scheduledPerSecond(load: Load): Promise<number> {
  const server = await preparedServer(load);
  const informers = createInformers(server.client, server.env);
  const podInformer = informers.for(pods);
  let bound = 0;
  podInformer.subscribe({
    onUpdate: (old, pod) => {
      if (!old.spec?.nodeName && pod.spec?.nodeName) bound++;
    },
  });
  await podInformer.synced();
  const { env, client } = server;
  const running = startControllers([...(load.controllers ?? [])], { env, client, informers });
  const scheduler = startScheduler({ env, client, informers });
  try {
    while (bound === 0 && !load.fromStart) await delay(5);
    const [startMs, startCount] = [performance.now(), bound];
    while (bound < load.podCount) await delay(5);
    return ((bound - startCount) * 1000) / (performance.now() - startMs);
  } finally {
    scheduler.stop();
    await running.stop();
    informers.stop();
    await server.stop();
  }
}

async function barePerSecond(): Promise<number> {
  const podCount = 5_000;
  const server = await preparedServer({ what: '', podCount });
  try {
    const startMs = performance.now();
    await manyAtOnce(podCount, (i) => {
      const name = `pod-${i}`;
      const binding = {
        apiVersion: 'v1',
        kind: 'Binding',
        metadata: { name },
        target: { kind: 'Node', name: `node-${i}` },
      };
      return server.client.createSubresource(pods, { namespace, name }, 'binding', binding as KubeObject);
    });
    return (podCount * 1000) / (performance.now() - startMs);
  } finally {
    await server.stop();
  }
}

/** Time is the machine's where controllers wait. */
async function preparedServer(load: Load) {
  const { clock } = systemEnv();
  const env = load.controllers || load.prepare ? { env: { clock } } : {};
  const server = await startTestServer({ specialHandlers: bindingHandlers, ...env });
  await manyAtOnce(nodeCount, (i) => createNode(server.client, i));
  await load.prepare?.(server.client);
  await manyAtOnce(load.podCount, (i) => {
    const { metadata, spec } = makePod({
      name: `pod-${i}`,
      namespace,
      labels,
      cpu: '100m',
      memory: '500Mi',
      spec: { ...load.spec, ...load.specOf?.(i) },
    }).pod;
    return server.client.create(pods, { metadata: { name: metadata.name, namespace, labels }, spec: spec! });
  });
  return server;
}

async function createNode(client: Client, i: number): Promise<void> {
  const node = makeNode({
    name: `node-${i}`,
    cpu: '4',
    memory: '32Gi',
    labels: { [zone]: `zone-${i % 10}` },
  });
  const { name, labels } = node.metadata;
  await client.create(nodes, { metadata: { name, labels: labels! } });
  const status = { ...node.status, capacity: node.status!.allocatable! };
  await client.patch(nodes, { name }, 'merge', { status }, { subresource: 'status' });
}

async function prepareVolumes(client: Client, count: number): Promise<void> {
  await client.create(storageClasses, {
    metadata: { name: lateClass },
    provisioner: 'kubernetes.io/no-provisioner',
    volumeBindingMode: 'WaitForFirstConsumer',
  });
  const shared = { accessModes: ['ReadWriteOnce'], storageClassName: lateClass };
  await manyAtOnce(count, async (i) => {
    const matchExpressions = [{ key: term.topologyKey, operator: 'In', values: [`node-${i}`] }];
    await client.create(persistentVolumes, {
      metadata: { name: `volume-${i}` },
      spec: {
        ...shared,
        capacity: { storage: '1Gi' },
        local: { path: '/data' },
        nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions }] } },
      },
    });
    await client.create(persistentVolumeClaims, {
      metadata: { name: `data-${i}`, namespace },
      spec: { ...shared, resources: { requests: { storage: '1Gi' } } },
    });
  });
}

async function prepareVictims(client: Client): Promise<void> {
  const guarded = { app: 'guarded' };
  await client.create(podDisruptionBudgets, {
    metadata: { name: 'guard', namespace },
    spec: { minAvailable: '100%', selector: { matchLabels: guarded } },
  });
  await manyAtOnce(nodeCount * 4, async (i) => {
    const own = i % 2 === 0 ? guarded : { app: 'free' };
    const [name, nodeName] = [`victim-${i}`, `node-${Math.floor(i / 4)}`];
    const { spec } = makePod({ name, nodeName, cpu: '1' }).pod;
    await client.create(pods, {
      metadata: { name, namespace, labels: own },
      spec: { ...spec!, terminationGracePeriodSeconds: 0 },
    });
  });
}

async function manyAtOnce(count: number, work: (i: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
}
