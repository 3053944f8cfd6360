/** Events of claims, as the side-cars record them. */

import type { CoreV1Api, V1PersistentVolumeClaim } from '@kubernetes/client-node';

export type EventReason = readonly [type: 'Normal' | 'Warning', reason: string, message: string];

/** An event that cannot be recorded is no reason to stop working. */
export async function recordEvent(
  core: CoreV1Api,
  component: string,
  claim: V1PersistentVolumeClaim,
  ...[type, reason, message]: EventReason
): Promise<void> {
  const { namespace = '', name = '', uid = '' } = claim.metadata ?? {};
  const now = new Date();
  const body = {
    metadata: { generateName: `${name}.`, namespace },
    involvedObject: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid },
    ...{ type, reason, message, count: 1, firstTimestamp: now, lastTimestamp: now },
    source: { component },
  };
  await core.createNamespacedEvent({ namespace, body }).catch(() => undefined);
}
