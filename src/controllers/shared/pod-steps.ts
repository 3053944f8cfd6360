/** Actions that create and delete pods of an owner, with the events that most workloads share. */

import { pods as podsType } from '#api/generated/kinds.gen.ts';
import type { Pod } from '#api/generated/types.gen.ts';
import type { KubeObject, Stored } from '#api/meta/object.ts';
import { type CreateAction, type DeleteAction, targetOf } from '#client/controllers/plan.ts';
import { eventAction } from './event-action.ts';

export function createPod(owner: Stored<KubeObject>, object: Pod): CreateAction {
  return {
    do: 'create',
    type: podsType,
    object,
    ifDone: [eventAction(owner, 'Normal', 'SuccessfulCreate', 'Created pod: ', 'name')],
    ifFailed: [eventAction(owner, 'Warning', 'FailedCreate', 'Error creating: ', 'error')],
  };
}

export function deletePod(owner: Stored<KubeObject>, pod: Stored<Pod>): DeleteAction {
  return {
    do: 'delete',
    ...targetOf(podsType, pod),
    uid: pod.metadata.uid,
    ifDone: [eventAction(owner, 'Normal', 'SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`)],
    ifFailed: [eventAction(owner, 'Warning', 'FailedDelete', 'Error deleting: ', 'error')],
  };
}
