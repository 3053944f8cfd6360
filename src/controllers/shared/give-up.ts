/** A step that fails its plan: for what only time or a user can mend, after what the plan reports of it. */

import type { Plan } from '#client/controllers/plan.ts';
import type { SpecialStep } from '#client/controllers/special.ts';

/** Its data is the reason. The key is retried with back-off, as after any other failure. */
export const giveUp: SpecialStep<string> = {
  name: 'give up',
  carryOut(reason): Plan {
    throw new Error(reason);
  },
};
