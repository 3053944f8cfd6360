/** The arguments of the plugin NodeResourcesBalancedAllocation: between which resources it balances. */

import { duplicate, type FieldError, invalidValue } from '../../validation/field-error.ts';
import type { ConfigTypes } from '../config-file.ts';
import type { ResourceWeight } from './fit-arguments.ts';

export interface BalanceArguments {
  readonly resources: readonly ResourceWeight[];
}

export const balanceTypes: ConfigTypes = {
  NodeResourcesBalancedAllocationArgs: { resources: '[]#ResourceSpec' },
};

const usual: readonly Partial<ResourceWeight>[] = [{ name: 'cpu' }, { name: 'memory' }];

interface Written {
  readonly resources?: readonly Partial<ResourceWeight>[];
}

export function readBalanceArguments({ resources = [] }: Written): BalanceArguments {
  const counted = resources.length > 0 ? resources : usual;
  return { resources: counted.map(({ name = '', weight = 0 }) => ({ name, weight: weight || 1 })) };
}

/** In upstream's words; `at` is the field of the arguments. */
export function balanceErrors({ resources }: BalanceArguments, at: string): FieldError[] {
  return resources.flatMap(({ name, weight }, i) => {
    const isRepeated = resources.slice(0, i).some((other) => other.name === name);
    return [
      ...(isRepeated ? [duplicate(`${at}.resources[${i}].name`, name)] : []),
      ...(weight === 1 ? [] : [invalidValue(`${at}.resources[${i}].weight`, weight, 'must be 1')]),
    ];
  });
}
