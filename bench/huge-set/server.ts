/** The server of bench/huge-set/huge-set.ts, with the StatefulSet controller in its process as in a cluster. */

import { pods, statefulSets } from '#api/generated/kinds.gen.ts';
import { startControllers } from '#client/controllers/controller-runner.ts';
import { createInformers } from '#client/informers/informers.ts';
import { statefulSet } from '#controllers/workloads/stateful-set/stateful-set.ts';
import { benchPod } from '../bench-pod.ts';
import { createPods, startChildServer } from '../child-server.ts';

export interface HugeSetTask {
  readonly by: 'set' | 'loop';
  readonly podCount: number;
}

export interface HugeSetResult {
  readonly ms: number;
}

const namespace = 'huge';

const { env, client, announce } = await startChildServer(namespace);
const informers = createInformers(client, env);
let created = 0;
const enough = Promise.withResolvers<void>();

process.once('message', async ({ by, podCount }: HugeSetTask) => {
  informers.for(pods).subscribe({ onAdd: () => void (++created >= podCount && enough.resolve()) });
  startControllers([statefulSet], { env, client, informers });
  await informers.synced();
  const beganMs = performance.now();
  if (by === 'set') await createSet();
  else await createPods(client, namespace, podCount, (number) => `brick-${number}`);
  await enough.promise;
  process.send!({ ms: performance.now() - beganMs } satisfies HugeSetResult);
});

async function createSet(): Promise<void> {
  const { metadata, spec } = benchPod(namespace, 'brick');
  const labels = metadata!.labels!;
  await client.create(statefulSets, {
    metadata: { name: 'brick', namespace },
    spec: {
      replicas: 2 ** 31 - 1,
      podManagementPolicy: 'Parallel',
      serviceName: 'brick',
      selector: { matchLabels: labels },
      template: { metadata: { labels, annotations: metadata!.annotations! }, spec: spec! },
    },
  });
}

announce();
