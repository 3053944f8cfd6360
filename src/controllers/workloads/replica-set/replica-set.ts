/**
 * Keeps the wanted number of pods of every ReplicaSet running.
 *
 * Reads ReplicaSets and pods; writes pods, their owner references, and ReplicaSet status. Follows upstream's
 * replicaset-controller: adoption and release, slow start, deletion ranking, ReplicaFailure.
 */

import { replicaSets } from '#api/generated/kinds.gen.ts';
import { defineController } from '#client/controllers/controller.ts';
import { startReplicaController } from './replica-controller.ts';

export const replicaSet = defineController({
  name: 'replicaset-controller',
  start: (context) =>
    startReplicaController(
      { type: replicaSets, selectorOf: (owner) => owner.spec?.selector ?? {}, reportsTerminating: true },
      context,
    ),
});
