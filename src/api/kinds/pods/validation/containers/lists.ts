/** The three lists of containers in a pod, in upstream's order of validation. */

import type { Container, EphemeralContainer, PodSpec } from '../../../../generated/types.gen.ts';

export type AnyContainer = Container | EphemeralContainer;

const lists = ['initContainers', 'containers', 'ephemeralContainers'] as const;

export function visitContainers(
  spec: PodSpec,
  path: string,
  visit: (container: AnyContainer, path: string) => void,
): void {
  for (const list of lists) {
    const containers: readonly AnyContainer[] = spec[list] ?? [];
    for (let i = 0; i < containers.length; i++) visit(containers[i]!, `${path}.${list}[${i}]`);
  }
}

export function allContainers(spec: PodSpec): AnyContainer[] {
  return lists.flatMap((list): readonly AnyContainer[] => spec[list] ?? []);
}

/** Containers by name; of duplicates the first. */
export function byName<T extends { name: string }>(list: readonly T[]): ReadonlyMap<string, T> {
  return new Map([...list].reverse().map((container) => [container.name, container]));
}
