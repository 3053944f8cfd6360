/** Why a node will not run a pod: the reason and message that the pod fails with. */

export interface Rejection {
  readonly reason: string;
  readonly message: string;
}

export function rejection(reason: string, message: string): Rejection {
  return { reason, message };
}

/** As upstream words a predicate of the scheduler that does not hold on the node. */
export function failedPredicate(name: string, why: string): Rejection {
  return rejection(name, `Predicate ${name} failed: ${why}`);
}
