/** How long a volume that failed waits until the next try, as external provisioners have it. */

import type { BackOffLimits } from '#base/back-off.ts';

export const retryLimits: BackOffLimits = { initialMs: 1_000, maxMs: 300_000 };
