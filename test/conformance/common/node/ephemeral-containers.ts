/** Containers that are added to a running pod. */

import assert from 'node:assert/strict';
import { pods } from '#api/generated/kinds.gen.ts';
import { type Behaviour, type BehaviourContext, behaviour, images } from '../../behaviour.ts';
import { change } from '../../shared/workloads.ts';
import { getPod, logs, podOf, shell, start } from '../running.ts';

async function add(context: BehaviourContext, name: string): Promise<void> {
  const { client, namespace } = context;
  const command = shell('echo polo; exec sleep 100000');
  await change(
    client,
    pods,
    { namespace, name: 'looked-at' },
    ({ spec }) => {
      const added = { name, image: images.busybox, command, targetContainerName: 'main' };
      spec!.ephemeralContainers = [...(spec!.ephemeralContainers ?? []), added];
    },
    'ephemeralcontainers',
  );
  await context.eventually(`${name} runs`, async () => {
    const { status } = await getPod(context, 'looked-at');
    return Boolean(
      status?.ephemeralContainerStatuses?.find((containerStatus) => containerStatus.name === name)?.state
        ?.running,
    );
  });
}

const prefix = '[sig-node] Ephemeral Containers [NodeConformance]';

export const ephemeralContainers: readonly Behaviour[] = [
  behaviour(
    `${prefix} will start an ephemeral container in an existing pod [Conformance]`,
    async (context) => {
      await start(context, podOf(context, 'looked-at'));
      await add(context, 'debugger');
      await context.eventually(
        'it prints',
        async () => (await logs(context, 'looked-at', 'debugger')) === 'polo\n',
      );
    },
  ),
  behaviour(
    `${prefix} should update the ephemeral containers in an existing pod [Conformance]`,
    async (context) => {
      await start(context, podOf(context, 'looked-at'));
      const count = async () => (await getPod(context, 'looked-at')).spec?.ephemeralContainers?.length;
      await add(context, 'debugger');
      assert.equal(await count(), 1);
      await add(context, 'debugger2');
      assert.equal(await count(), 2);
    },
  ),
];
