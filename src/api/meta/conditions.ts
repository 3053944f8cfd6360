/** The conditions in the status of any object, by type. */

interface Condition {
  readonly type?: string;
  readonly status?: string;
}

interface WithConditions<C extends Condition> {
  readonly conditions?: readonly C[] | null;
}

export function conditionOf<C extends Condition>(
  status: WithConditions<C> | undefined,
  type: string,
): C | undefined {
  for (const condition of status?.conditions ?? []) if (condition.type === type) return condition;
  return undefined;
}

/** A condition that is missing, False or Unknown is not True. */
export function isConditionTrue(status: WithConditions<Condition> | undefined, type: string): boolean {
  return conditionOf(status, type)?.status === 'True';
}
