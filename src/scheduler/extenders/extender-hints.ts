/** A pod that an extender rejected is tried again after any event: extenders say nothing about events, as upstream. */

import { type ClusterEventKind, clusterEventKinds } from '../framework.ts';
import type { QueueProfile } from '../queue/hints.ts';
import { extenderName } from './extender.ts';

const kinds: readonly ClusterEventKind[] = clusterEventKinds;

/** The profile with an entry for the rejections of extenders. */
export function extenderHints({ schedulerName, plugins }: QueueProfile): QueueProfile {
  return { schedulerName, plugins: [...plugins, { name: extenderName, hints: [{ kinds }] }] };
}
