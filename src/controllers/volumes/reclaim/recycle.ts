/**
 * Decides about a released volume that is to be recycled: a pod empties it, then it is available again.
 * Follows upstream's recycler, except that the pod belongs to its volume, so that one made by a user is not
 * taken for it; and that the pod's own events are not repeated on the volume.
 */

import { pods } from '#api/generated/kinds.gen.ts';
import type { Pod } from '#api/generated/types.gen.ts';
import { controllerOf } from '#api/meta/controller-of.ts';
import type { Stored } from '#api/meta/object.ts';
import { type Action, type Plan, targetOf } from '#client/controllers/plan.ts';
import { eventAction } from '../../shared/event-action.ts';
import { resyncMs } from '../binder/claim.ts';
import { unbind } from '../binder/volume.ts';
import { setPhase, type Volume } from '../binder/writes.ts';
import { recyclerPod } from './recycler-pod.ts';

export interface RecycleView {
  readonly volume: Volume;
  /** The pod of the recycler's name, if there is one. */
  readonly pod: Stored<Pod> | undefined;
  /** Keys of the pods that run and use the volume. */
  readonly users: readonly string[];
}

export function decideRecycling({ volume, pod, users }: RecycleView): Plan {
  if (pod) return followPod(volume, pod);
  if (users.length > 0) {
    const message = `Volume is used by pods: ${users.join(',')}`;
    return later([eventAction(volume, 'Normal', 'VolumeFailedRecycle', message)]);
  }
  const object = recyclerPod(volume);
  if (!object) return later(fail(volume, 'VolumeFailedRecycle', 'No recycler plugin found for the volume!'));
  return later([{ do: 'create', type: pods, object, ifTaken: [] }]);
}

function followPod(volume: Volume, pod: Stored<Pod>): Plan {
  if (pod.metadata.deletionTimestamp) return later([]);
  const remove: Action = { do: 'delete', ...targetOf(pods, pod), uid: pod.metadata.uid };
  const failed = (why: string) =>
    later([remove, ...fail(volume, 'VolumeFailedRecycle', `Recycle failed: ${why}`)]);
  const isOurs = controllerOf(pod)?.uid === volume.metadata.uid;
  if (!isOurs) return failed('old recycler pod found, will retry later');
  const { phase, message = 'pod failed, pod.Status.Message unknown' } = pod.status ?? {};
  if (phase === 'Failed') return failed(`failed to recycle volume: ${message}`);
  if (phase !== 'Succeeded') return { actions: [] };
  return {
    actions: [remove, eventAction(volume, 'Normal', 'VolumeRecycled', 'Volume recycled'), unbind(volume)],
  };
}

/** The event is recorded only when the volume was not Failed before. */
export function fail(volume: Volume, reason: string, message: string): Action[] {
  const written = setPhase(volume, 'Failed', message);
  return written.length === 0 ? [] : [...written, eventAction(volume, 'Warning', reason, message)];
}

export function later(actions: readonly Action[]): Plan {
  return { actions, againInMs: resyncMs };
}
