/** Pods that behaviours run to their end or keep running, and what is seen of them. */

import assert from 'node:assert/strict';
import { pods } from '#api/generated/kinds.gen.ts';
import type { Container, ContainerStatus, Pod, PodSpec } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { type BehaviourContext, images } from '../behaviour.ts';

/** A pod with one busybox container called `main`, gone at once when deleted. */
export function podOf(
  context: BehaviourContext,
  name: string,
  container: Partial<Container> = {},
  spec: Partial<PodSpec> = {},
): Pod {
  const main = { name: 'main', image: images.busybox, ...container };
  return {
    metadata: { name, namespace: context.namespace, labels: { name } },
    spec: {
      terminationGracePeriodSeconds: 0,
      restartPolicy: 'Never',
      ...spec,
      containers: [main, ...(spec.containers ?? [])],
    },
  };
}

export function shell(script: string): string[] {
  return ['sh', '-c', script];
}

export async function getPod({ client, namespace }: BehaviourContext, name: string): Promise<Stored<Pod>> {
  return client.get(pods, { namespace, name });
}

/** Waits for a phase; a pod that ended in another phase never gets there. */
export async function inPhase(
  context: BehaviourContext,
  name: string,
  phase: 'Pending' | 'Running' | 'Succeeded' | 'Failed',
  timeoutMs = 120_000,
): Promise<Stored<Pod>> {
  return context.eventually(
    `pod ${name} is ${phase}`,
    async () => {
      const found = await getPod(context, name);
      assert.equal(found.status?.phase, phase, JSON.stringify(found.status?.containerStatuses));
      return found;
    },
    timeoutMs,
  );
}

export async function start(context: BehaviourContext, pod: Pod): Promise<Stored<Pod>> {
  const { metadata } = await context.client.create(pods, pod);
  return becomesReady(context, metadata.name);
}

export async function becomesReady(context: BehaviourContext, name: string): Promise<Stored<Pod>> {
  return context.eventually(
    `pod ${name} is ready`,
    async () => {
      const found = await getPod(context, name);
      assert.ok(isReady(found), JSON.stringify(found.status));
      return found;
    },
    120_000,
  );
}

export function isReady({ status }: Pod): boolean {
  return status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'True';
}

/** Runs a pod until it succeeded; what its container printed. */
export async function runToEnd(context: BehaviourContext, pod: Pod): Promise<string> {
  const { metadata } = await context.client.create(pods, pod);
  await inPhase(context, metadata.name, 'Succeeded');
  return logs(context, metadata.name);
}

export function logs({ kubectl }: BehaviourContext, name: string, container = 'main'): Promise<string> {
  return kubectl('logs', name, '-c', container);
}

export function statusOf(pod: Pod, container = 'main'): ContainerStatus {
  const found = pod.status?.containerStatuses?.find(({ name }) => name === container);
  assert.ok(found, `no status of container ${container}`);
  return found;
}

export async function deletePod(context: BehaviourContext, name: string): Promise<void> {
  const { client, namespace } = context;
  await client.delete(pods, { namespace, name });
  await context.eventually(`pod ${name} is gone`, async () => {
    const { items } = await client.list(pods, { namespace, fieldSelector: `metadata.name=${name}` });
    return items.length === 0;
  });
}

/** The condition must hold all the time, not only at last. */
export async function holds(
  context: BehaviourContext,
  what: string,
  durationMs: number,
  check: () => Promise<unknown>,
): Promise<void> {
  const until = performance.now() + durationMs;
  let broken: unknown;
  const over = async () => {
    await check().catch((error: unknown) => {
      broken = error;
    });
    return broken !== undefined || performance.now() > until;
  };
  await context.eventually(`the end of the time in which ${what}`, over, durationMs + 30_000);
  if (broken) throw broken;
}
