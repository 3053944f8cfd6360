/**
 * Which class stands for those who name none: of the marked ones the newest, and of those made at once the
 * first by name.
 */

import type { KubeObject } from './object.ts';

export function defaultClassOf<T extends KubeObject>(
  classes: readonly T[],
  annotations: readonly string[],
): T | undefined {
  const created = (object: T) => object.metadata?.creationTimestamp ?? '';
  const name = (object: T) => object.metadata?.name ?? '';
  return classes
    .filter((object) => annotations.some((key) => object.metadata?.annotations?.[key] === 'true'))
    .sort((a, b) => created(b).localeCompare(created(a)) || name(a).localeCompare(name(b)))[0];
}
