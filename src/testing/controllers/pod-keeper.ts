/**
 * Simulates scheduler and kubelets: pods get a node and an address, run and become ready, and are removed
 * when deleted.
 */

import { nodes, pods as podsType } from '#api/generated/kinds.gen.ts';
import type { Pod } from '#api/generated/types.gen.ts';
import type { KubeObject, Stored } from '#api/meta/object.ts';
import { rfc3339 } from '#base/clock.ts';
import type { Env } from '#base/env.ts';
import type { Client } from '#client/client.ts';
import type { ControllerDefinition } from '#client/controllers/controller.ts';
import type { Informers } from '#client/informers/informer.ts';
import { type ControlledCluster, withControllers } from './controlled-cluster.ts';

export interface PodKeeper {
  /** Pods with this image never become ready. */
  refuseImage: string | undefined;
  stop(): void;
}

export function keepPods(options: { env: Env; client: Client; informers: Informers }): PodKeeper {
  const { env, client, informers } = options;
  const keeper: PodKeeper = { refuseImage: undefined, stop: () => {} };
  let count = 0;
  const drop = (error: unknown) => env.log.debug('the pod was gone', { error: String(error) });

  async function run(pod: Stored<Pod>): Promise<void> {
    const { namespace, name } = pod.metadata;
    const key = { namespace: namespace!, name };
    const ready = pod.spec?.containers[0]?.image !== keeper.refuseImage;
    const podIP = `10.244.${count >> 8}.${count++ & 255}`;
    const target = { apiVersion: 'v1', kind: 'Node', name: chosenNode(pod) };
    const binding = { apiVersion: 'v1', kind: 'Binding', metadata: key, target };
    await client.createSubresource(podsType, key, 'binding', binding as KubeObject);
    const lastTransitionTime = rfc3339(env.clock.now());
    const conditions = [{ type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime }];
    const status = { phase: 'Running', podIP, podIPs: [{ ip: podIP }], conditions };
    await client.patch(podsType, key, 'merge', { status }, { subresource: 'status' });
  }

  const remove = ({ metadata }: Stored<Pod>) =>
    client.delete(
      podsType,
      { namespace: metadata.namespace!, name: metadata.name },
      { gracePeriodSeconds: 0, preconditions: { uid: metadata.uid } },
    );

  keeper.stop = informers.for(podsType).subscribe({
    onAdd: (pod) => void run(pod).catch(drop),
    onUpdate(old, pod) {
      const isLeaving = pod.metadata.deletionTimestamp && !old.metadata.deletionTimestamp;
      if (isLeaving) void remove(pod).catch(drop);
    },
  });
  return keeper;
}

/** Controllers, a node `node-1`, and a keeper of pods. */
export function withKeptPods(
  definitions: readonly ControllerDefinition[],
  body: (cluster: ControlledCluster, keeper: PodKeeper) => Promise<void>,
): Promise<void> {
  return withControllers(definitions, async (cluster) => {
    await cluster.client.create(nodes, { metadata: { name: 'node-1' } });
    const keeper = keepPods(cluster);
    try {
      await body(cluster, keeper);
    } finally {
      keeper.stop();
    }
  });
}

/** The node that a DaemonSet's pod requires by name. */
function chosenNode(pod: Pod): string {
  const required = pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return required?.nodeSelectorTerms[0]?.matchFields?.[0]?.values?.[0] ?? 'node-1';
}
