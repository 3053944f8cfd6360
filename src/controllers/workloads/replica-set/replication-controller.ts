/**
 * Keeps the wanted number of pods of every ReplicationController running.
 *
 * Reads ReplicationControllers and pods; writes pods, their owner references, and ReplicationController
 * status. As upstream, it is the ReplicaSet controller under another kind.
 */

import { replicationControllers } from '#api/generated/kinds.gen.ts';
import { defineController } from '#client/controllers/controller.ts';
import { startReplicaController } from './replica-controller.ts';

export const replicationController = defineController({
  name: 'replication-controller',
  start: (context) =>
    startReplicaController(
      {
        type: replicationControllers,
        selectorOf: (owner) => ({ matchLabels: owner.spec?.selector ?? {} }),
        reportsTerminating: false,
      },
      context,
    ),
});
