/** Groups and their versions in the order in which discovery lists them. */

import type { Priority } from './priorities.ts';
import { compareVersions } from './version-order.ts';

export interface OrderedVersion {
  readonly group: string;
  readonly version: string;
  readonly priority: Priority;
}

export interface OrderedGroup<T extends OrderedVersion> {
  readonly name: string;
  /** The preferred version first. */
  readonly versions: readonly T[];
}

/** The aggregated document's order: of groups with one priority the first by name. */
export function groupsByName<T extends OrderedVersion>(versions: readonly T[]): OrderedGroup<T>[] {
  return groupsBy(versions, ({ name }) => name);
}

/** The older list's order: of groups with one priority that with the first APIService by name. */
export function groupsByService<T extends OrderedVersion>(versions: readonly T[]): OrderedGroup<T>[] {
  return groupsBy(versions, ({ name, versions }) => {
    const highest = priorityOf(versions);
    const names = versions.filter(({ priority }) => priority.group === highest).map(({ version }) => version);
    return `${names.sort()[0]}.${name}`;
  });
}

function groupsBy<T extends OrderedVersion>(
  versions: readonly T[],
  nameOf: (group: OrderedGroup<T>) => string,
): OrderedGroup<T>[] {
  const byGroup = Map.groupBy(versions, ({ group }) => group);
  const keyed = Array.from(byGroup, ([name, ofGroup]) => {
    const group = { name, versions: ofGroup.sort(compareInGroup) };
    return { group, priority: priorityOf(ofGroup), name: nameOf(group) };
  });
  keyed.sort((a, b) => b.priority - a.priority || (a.name < b.name ? -1 : 1));
  return keyed.map(({ group }) => group);
}

function compareInGroup(a: OrderedVersion, b: OrderedVersion): number {
  return b.priority.version - a.priority.version || compareVersions(a.version, b.version);
}

function priorityOf(versions: readonly OrderedVersion[]): number {
  return Math.max(...versions.map(({ priority }) => priority.group));
}
