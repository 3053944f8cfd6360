/** Plays a scenario on a cluster: makes its objects, waits until every pod has been tried, and gives what was reported. */

import { setTimeout as delay } from 'node:timers/promises';
import { events, namespaces, nodes, pods, priorityClasses } from '#api/generated/kinds.gen.ts';
import type { Event, Pod } from '#api/generated/types.gen.ts';
import type { KubeObject, Stored } from '#api/meta/object.ts';
import { StatusError } from '#api/meta/status.ts';
import type { Client } from '#client/client.ts';
import { makeNode, makePod, type NodeShape, type PodShape } from '#testing/scheduling/objects.ts';
import type { Scenario } from './scenarios.ts';

const namespace = 'default';
const settledMs = 700;
const limitMs = 20_000;

/** What all scenarios share. */
export async function prepare(client: Client): Promise<void> {
  await made(() => client.create(namespaces, { metadata: { name: namespace } }));
  const classes: [string, number, string][] = [
    ['low', 10, 'PreemptLowerPriority'],
    ['high', 1000, 'PreemptLowerPriority'],
    ['polite', 1000, 'Never'],
  ];
  for (const [name, value, preemptionPolicy] of classes) {
    await made(() => client.create(priorityClasses, { metadata: { name }, value, preemptionPolicy }));
  }
}

/** A line for each pod's condition and for each of its events, the same when it was recorded several times. */
export async function play(client: Client, scenario: Scenario): Promise<string[]> {
  for (const node of scenario.nodes) await makeNodeIn(client, node);
  for (const [type, object] of scenario.objects ?? []) {
    await client.create(type, {
      ...object,
      metadata: { ...object.metadata, ...(type.namespaced ? { namespace } : {}) },
    });
  }
  for (const [i, shape] of (scenario.placed ?? []).entries()) {
    await makePodIn(client, { name: `placed-${i}`, ...shape });
  }
  await delay(settledMs);
  for (const shape of scenario.pods) {
    await makePodIn(client, shape);
    await tried(client, shape.name ?? '');
  }
  const lines = await reported(client, scenario);
  await clear(client, scenario);
  return lines;
}

async function makeNodeIn(client: Client, shape: NodeShape): Promise<void> {
  const { metadata, spec, status } = makeNode(shape);
  const { name, labels } = metadata;
  await client.create(nodes, { metadata: { name, labels: labels! }, spec: spec! });
  const { allocatable } = status!;
  const whole = { ...status, capacity: allocatable! };
  await client.patch(nodes, { name }, 'merge', { status: whole }, { subresource: 'status' });
  // Admission taints a new node as not ready; a controller would remove that.
  await client.patch(nodes, { name }, 'merge', { spec: { taints: spec?.taints ?? null } });
}

async function makePodIn(client: Client, shape: PodShape): Promise<void> {
  const { metadata, spec } = makePod(shape).pod;
  const { priority: _, ...rest } = spec!;
  const withImages = rest.containers.map((container) => {
    const { requests } = container.resources ?? {};
    // Extended resources need limits.
    return {
      ...container,
      image: 'none',
      ...(requests ? { resources: { requests, limits: requests } } : {}),
    };
  });
  const initContainers = (rest.initContainers ?? []).map((container) => ({ ...container, image: 'none' }));
  await client.create(pods, {
    metadata: { name: metadata.name, namespace, labels: metadata.labels! },
    spec: { ...rest, containers: withImages, initContainers, terminationGracePeriodSeconds: 0 },
  });
}

async function tried(client: Client, name: string): Promise<void> {
  const isTried = ({ spec, status }: Pod) =>
    spec?.nodeName || status?.conditions?.some(({ type }) => type === 'PodScheduled');
  const endMs = performance.now() + limitMs;
  while (!isTried(await client.get(pods, { namespace, name }))) {
    if (performance.now() > endMs) throw new Error(`${name} was never tried`);
    await delay(50);
  }
  await delay(settledMs);
}

async function reported(client: Client, { pods: shapes, placed = [] }: Scenario): Promise<string[]> {
  const lines = new Set<string>();
  const { items } = await client.list(pods, { namespace });
  for (const { metadata, spec, status } of items) {
    const scheduled = status?.conditions?.find(({ type }) => type === 'PodScheduled');
    const { status: is, reason, message } = scheduled ?? {};
    const nominated = status?.nominatedNodeName ?? '';
    lines.add(
      `${metadata.name} | ${spec?.nodeName ? 'bound' : 'waits'} ${nominated} | ${is} ${reason} ${message}`,
    );
  }
  for (const name of [...placed, ...shapes].map((shape) => shape.name)) {
    if (!items.some(({ metadata }) => metadata.name === name)) lines.add(`${name} | gone`);
  }
  const { items: recorded } = await client.list(events, { namespace });
  for (const event of recorded) if (event.involvedObject.kind === 'Pod') lines.add(lineOf(event));
  return [...lines].sort();
}

function lineOf({ involvedObject, type, reason, message = '', action, ...rest }: Stored<Event>): string {
  const source = rest.reportingComponent || rest.source?.component;
  const text = message
    .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'UID')
    .replace(/(?<=assigned .* to )n\d/, 'NODE');
  return `${involvedObject.name} | ${type} ${reason} ${action} ${source}: ${text}`;
}

async function clear(client: Client, { nodes: shapes, objects = [] }: Scenario): Promise<void> {
  const { items } = await client.list(pods, { namespace });
  for (const { metadata } of items) {
    await gone(() => client.delete(pods, { namespace, name: metadata.name }, { gracePeriodSeconds: 0 }));
  }
  for (const [type, object] of objects) {
    const at = { name: object.metadata?.name ?? '', ...(type.namespaced ? { namespace } : {}) };
    await gone(() => client.delete(type, at));
    // No controller here removes the finalizers of claims and volumes.
    await gone(() => client.patch(type, at, 'merge', { metadata: { finalizers: null } }));
  }
  for (const { name } of shapes) await gone(() => client.delete(nodes, { name }));
  const { items: recorded } = await client.list(events, { namespace });
  for (const { metadata } of recorded) {
    await gone(() => client.delete(events, { namespace, name: metadata.name }));
  }
  await delay(settledMs);
}

async function made(create: () => Promise<KubeObject>): Promise<void> {
  await create().catch((error) => {
    if (!(error instanceof StatusError && error.code === 409)) throw error;
  });
}

async function gone(remove: () => Promise<unknown>): Promise<void> {
  await remove().catch((error) => {
    if (!(error instanceof StatusError && error.code === 404)) throw error;
  });
}
