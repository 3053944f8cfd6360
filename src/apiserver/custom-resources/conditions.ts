/** The conditions in the status of a CustomResourceDefinition. */

import type {
  CustomResourceDefinition,
  CustomResourceDefinitionCondition,
} from '#api/generated/types.gen.ts';
import { conditionOf } from '#api/meta/conditions.ts';

export interface ConditionChange {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
}

/** In place. `lastTransitionTime` changes only with the status. `now` in RFC 3339. */
export function setCondition(
  definition: CustomResourceDefinition,
  { type, status, reason, message }: ConditionChange,
  now: string,
): void {
  definition.status ??= {};
  definition.status.conditions ??= [];
  const { conditions } = definition.status;
  const known = conditionOf(definition.status, type);
  const lastTransitionTime = known?.status === status ? known.lastTransitionTime : now;
  const condition: CustomResourceDefinitionCondition = {
    type,
    status,
    ...(lastTransitionTime === undefined ? {} : { lastTransitionTime }),
    reason,
    message,
  };
  if (known) conditions[conditions.indexOf(known)] = condition;
  else conditions.push(condition);
}

export function removeCondition({ status }: CustomResourceDefinition, type: string): void {
  if (!status?.conditions) return;
  status.conditions = status.conditions.filter((condition) => condition.type !== type);
}
