/**
 * Accepts the names of a definition that no other definition of its group has, as upstream's naming controller,
 * with its conditions.
 */

import type { CustomResourceDefinition, CustomResourceDefinitionNames } from '#api/generated/types.gen.ts';
import { aggregateText } from '#api/go/aggregate.ts';
import { deepEqual } from '#api/schema/deep-equal.ts';
import type { ConditionChange } from './conditions.ts';

export interface Naming {
  readonly acceptedNames: CustomResourceDefinitionNames;
  readonly condition: ConditionChange;
}

/** Undefined before any name was accepted. */
export type AcceptedNames = CustomResourceDefinitionNames | undefined;

interface UsedNames {
  readonly resources: ReadonlySet<string>;
  readonly kinds: ReadonlySet<string>;
}

/** `others`: what the other definitions of the same group have. */
export function nameDefinition(
  { spec, status }: CustomResourceDefinition,
  others: readonly AcceptedNames[],
): Naming {
  const { resources, kinds } = usedNames(others);
  const wanted = spec.names;
  const accepted: Partial<CustomResourceDefinitionNames> = { plural: '', kind: '', ...status?.acceptedNames };
  let conflict: { reason: string; message: string } | undefined;
  const take = (
    name: 'plural' | 'singular' | 'kind' | 'listKind',
    used: ReadonlySet<string>,
    reason: string,
  ) => {
    const problem = problemOf(wanted[name] ?? '', accepted[name] ?? '', used);
    if (problem) conflict = { reason, message: problem };
    else accepted[name] = wanted[name] ?? '';
  };
  take('plural', resources, 'PluralConflict');
  take('singular', resources, 'SingularConflict');
  const problems = shortNameProblems(wanted.shortNames ?? [], accepted.shortNames ?? [], resources);
  if (problems.length > 0) conflict = { reason: 'ShortNamesConflict', message: aggregateText(problems) };
  else setOrDrop(accepted, 'shortNames', wanted.shortNames);
  take('kind', kinds, 'KindConflict');
  take('listKind', kinds, 'ListKindConflict');
  setOrDrop(accepted, 'categories', wanted.categories);
  return {
    acceptedNames: accepted as CustomResourceDefinitionNames,
    condition: {
      type: 'NamesAccepted',
      status: conflict ? 'False' : 'True',
      reason: conflict?.reason ?? 'NoConflicts',
      message: conflict?.message ?? 'no conflicts found',
    },
  };
}

/** Whether all names of its spec are accepted. */
export function hasItsNames({ spec, status }: CustomResourceDefinition): boolean {
  return deepEqual(spec.names, status?.acceptedNames);
}

function usedNames(others: readonly AcceptedNames[]): UsedNames {
  const resources = new Set<string>();
  const kinds = new Set<string>();
  for (const names of others) {
    const { plural = '', singular = '', shortNames = [], kind = '', listKind = '' } = names ?? {};
    for (const name of [plural, singular, ...shortNames]) resources.add(name);
    kinds.add(kind).add(listKind);
  }
  return { resources, kinds };
}

function problemOf(wanted: string, accepted: string, used: ReadonlySet<string>): string | undefined {
  if (wanted === accepted || !used.has(wanted)) return undefined;
  return `${JSON.stringify(wanted)} is already in use`;
}

function shortNameProblems(
  wanted: readonly string[],
  accepted: readonly string[],
  used: ReadonlySet<string>,
): string[] {
  const known = new Set(accepted);
  return wanted.filter((name) => !known.has(name)).flatMap((name) => problemOf(name, '', used) ?? []);
}

function setOrDrop(
  names: Partial<CustomResourceDefinitionNames>,
  key: 'shortNames' | 'categories',
  value: string[] | undefined,
): void {
  if (value && value.length > 0) names[key] = value;
  else delete names[key];
}
