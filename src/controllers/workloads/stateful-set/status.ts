/** The status of a StatefulSet, counted from its pods. */

import type { StatefulSetStatus } from '#api/generated/types.gen.ts';
import { isPodReady } from '#api/pods/state.ts';
import { withoutZeros } from '../../shared/without-zeros.ts';
import { revisionLabel } from './pod.ts';
import { isRunningAndAvailable, type StatefulSetView } from './view.ts';

export function statusOf(view: StatefulSetView): StatefulSetStatus {
  const { set, pods, current, update } = view;
  const { ready, available, ofCurrent, updated } = countsOf(view);
  const wanted = set.spec?.replicas ?? 1;
  const isRolledOut =
    set.spec?.updateStrategy?.type !== 'OnDelete' &&
    [updated, ready, pods.length].every((count) => count === wanted);
  return {
    replicas: pods.length,
    availableReplicas: available,
    ...withoutZeros({
      readyReplicas: ready,
      currentReplicas: isRolledOut ? updated : ofCurrent,
      updatedReplicas: updated,
      observedGeneration: set.metadata.generation ?? 0,
    }),
    currentRevision: isRolledOut ? update.name : current.name,
    updateRevision: update.name,
    collisionCount: set.status?.collisionCount ?? 0,
    // This controller sets no conditions; those of others stay.
    ...(set.status?.conditions ? { conditions: set.status.conditions } : {}),
  };
}

/** In one pass: a set may have a hundred thousand pods. */
function countsOf(view: StatefulSetView) {
  const counts = { ready: 0, available: 0, ofCurrent: 0, updated: 0 };
  for (const pod of view.pods) {
    if (pod.status?.phase === 'Running' && isPodReady(pod)) {
      counts.ready++;
      if (isRunningAndAvailable(view, pod)) counts.available++;
    }
    if (pod.metadata.deletionTimestamp) continue;
    const revision = pod.metadata.labels?.[revisionLabel];
    if (revision === view.current.name) counts.ofCurrent++;
    if (revision === view.update.name) counts.updated++;
  }
  return counts;
}
