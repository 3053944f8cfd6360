/** What the kubectl behaviours apply, and how they wait for it. */

import assert from 'node:assert/strict';
import { type BehaviourContext, images } from '../behaviour.ts';

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Record<string, string> };
  readonly spec: object;
}

export function apply(context: BehaviourContext, ...manifests: Manifest[]): Promise<string> {
  return context.kubectlInput(listOf(manifests), 'apply', '-f', '-');
}

/** What `-f -` reads. */
export function listOf(items: readonly Manifest[]): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
}

/** A shell script in a container of busybox, with the ports it listens on. */
export function scripted(name: string, script: string, ...ports: number[]) {
  return {
    terminationGracePeriodSeconds: 0,
    containers: [
      {
        name,
        image: images.busybox,
        command: ['sh', '-c', script],
        ports: ports.map((containerPort) => ({ containerPort })),
      },
    ],
  };
}

export function replicationController(name: string, replicas: number, spec: object): Manifest {
  const labels = { app: name };
  return {
    apiVersion: 'v1',
    kind: 'ReplicationController',
    metadata: { name, labels },
    spec: { replicas, selector: labels, template: { metadata: { labels }, spec } },
  };
}

export function deployment(
  name: string,
  replicas: number,
  labels: Record<string, string>,
  spec: object,
): Manifest {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  };
}

export function service(name: string, selector: Record<string, string>, port: number): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, labels: selector },
    spec: { selector, ports: [{ port, targetPort: port }] },
  };
}

/** Names of the pods, once exactly `count` of them are running and ready. */
export async function runningPods(
  context: BehaviourContext,
  selector: string,
  count: number,
): Promise<string[]> {
  let names: string[] = [];
  await context.eventually(
    `${count} pods of ${selector} run`,
    async () => {
      const text = await context.kubectl('get', 'pods', '-l', selector, '-o', 'json');
      const { items } = JSON.parse(text) as { items: PodView[] };
      assert.equal(items.length, count);
      assert.ok(items.every(isRunning), text);
      names = items.map((pod) => pod.metadata.name);
      return true;
    },
    120_000,
  );
  return names;
}

interface PodView {
  metadata: { name: string; deletionTimestamp?: string };
  status: { phase?: string; containerStatuses?: { ready: boolean }[] };
}

function isRunning({ metadata, status }: PodView): boolean {
  const containers = status.containerStatuses ?? [];
  return !metadata.deletionTimestamp && status.phase === 'Running' && containers.every(({ ready }) => ready);
}
