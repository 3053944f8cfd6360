/** For tests: the name of the object that an action creates, deletes or changes. */

import type { Action } from '#client/controllers/plan.ts';

export function changedName(action: Action | undefined): string | undefined {
  if (!action) return undefined;
  if ('object' in action) return action.object.metadata?.name;
  return 'name' in action ? action.name : undefined;
}
