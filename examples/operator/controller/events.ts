/** Records events of a Website, which `kubectl describe` shows. */

import { apiVersion, kind, type Website } from '../api/v1.ts';
import type { Clock } from '../clock.ts';
import { type ClusterClient, fieldManager } from '../cluster-client.ts';

export type RecordEvent = (
  website: Website,
  type: 'Normal' | 'Warning',
  reason: string,
  message: string,
) => Promise<void>;

/** An event that cannot be recorded is no reason to stop working. */
export function eventRecorder({ core }: Pick<ClusterClient, 'core'>, clock: Clock): RecordEvent {
  return async ({ metadata }, type, reason, message) => {
    const { namespace = '', name = '', uid, resourceVersion } = metadata ?? {};
    const now = new Date(clock.now());
    const body = {
      metadata: { generateName: `${name}.`, namespace },
      involvedObject: { apiVersion, kind, namespace, name, uid, resourceVersion },
      ...{ type, reason, message },
      source: { component: fieldManager },
      firstTimestamp: now,
      lastTimestamp: now,
      count: 1,
    };
    await core.createNamespacedEvent({ namespace, body }).catch(() => {});
  };
}
