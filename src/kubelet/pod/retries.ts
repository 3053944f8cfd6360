/**
 * How long the kubelet waits before it does something for a pod again; each as long as upstream's kubelet.
 */

import type { BackOffLimits } from '#base/back-off.ts';

/** Before a crashed container is started again, and a failed pull repeated. */
export const restartLimits: BackOffLimits = { initialMs: 10_000, maxMs: 300_000 };

/** After a sync of a pod that failed. */
export const syncRetryMs = 10_000;

/** After a sync of a pod that did not fail; upstream waits up to half as long again. */
export const resyncMs = 60_000;

/** While the network of the node is not ready. */
export const networkRetryMs = 1_000;

/** Between tries to set up what a pod needs of the machine: its volumes, above all. */
export const setupRetry: BackOffLimits = { initialMs: 500, maxMs: 122_000 };
