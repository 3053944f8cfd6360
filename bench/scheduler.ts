/**
 * Pods bound per second through the API, in one process: 5,000 nodes, the whole way from watch to binding.
 *
 * The ceiling is a loop that posts the same bindings without scheduling: the rate of the API server alone.
 */

import { setTimeout as delay } from 'node:timers/promises';
import { nodes, pods } from '#api/generated/kinds.gen.ts';
import type { Affinity } from '#api/generated/types.gen.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { bindingHandlers } from '#apiserver/subresources/binding.ts';
import type { Client } from '#client/client.ts';
import { createInformers } from '#client/informers/informers.ts';
import { startScheduler } from '#scheduler/scheduler.ts';
import { makeNode, makePod } from '#testing/scheduling/objects.ts';
import { startTestServer } from '#testing/server/test-server.ts';
import type { BenchRow } from './row.ts';

const nodeCount = 5_000;
const inFlight = 64;
const namespace = 'default';
const labels = { app: 'bench' };
const term = { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: labels } };
const zoneTerm = { ...term, topologyKey: 'topology.kubernetes.io/zone' };

interface Load {
  readonly what: string;
  readonly podCount: number;
  readonly affinity?: Affinity;
}

const loads: readonly Load[] = [
  { what: 'plain pods (floor 810/s)', podCount: 5_000 },
  {
    what: 'pod affinity (floor 35/s)',
    podCount: 2_000,
    affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [zoneTerm] } },
  },
  {
    what: 'pod anti-affinity (floor 60/s)',
    podCount: 2_000,
    affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } },
  },
];

export async function schedulerBench(): Promise<BenchRow[]> {
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
  const scheduler = startScheduler({ env: server.env, client: server.client, informers });
  try {
    while (bound === 0) await delay(5);
    const [startMs, startCount] = [performance.now(), bound];
    while (bound < load.podCount) await delay(5);
    return ((bound - startCount) * 1000) / (performance.now() - startMs);
  } finally {
    scheduler.stop();
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

async function preparedServer(load: Load) {
  const server = await startTestServer({ specialHandlers: bindingHandlers });
  await manyAtOnce(nodeCount, (i) => createNode(server.client, i));
  await manyAtOnce(load.podCount, (i) => {
    const { metadata, spec } = makePod({
      name: `pod-${i}`,
      namespace,
      labels,
      cpu: '100m',
      memory: '500Mi',
      ...(load.affinity ? { affinity: load.affinity } : {}),
    }).pod;
    return server.client.create(pods, { metadata: { name: metadata.name, namespace, labels }, spec: spec! });
  });
  return server;
}

async function createNode(client: Client, i: number): Promise<void> {
  const zone = { 'topology.kubernetes.io/zone': `zone-${i % 10}` };
  const node = makeNode({ name: `node-${i}`, cpu: '4', memory: '32Gi', labels: zone });
  const { name, labels } = node.metadata;
  await client.create(nodes, { metadata: { name, labels: labels! } });
  const status = { ...node.status, capacity: node.status!.allocatable! };
  await client.patch(nodes, { name }, 'merge', { status }, { subresource: 'status' });
}

async function manyAtOnce(count: number, work: (i: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
}
