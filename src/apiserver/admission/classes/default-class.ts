/** Which class stands for those who name none: of the marked ones the newest, and of those made at once the first by name. */

import type { KubeObject } from '#api/meta/object.ts';

export function defaultClassOf<T extends KubeObject>(
  classes: readonly T[],
  annotations: readonly string[],
): T | undefined {
  const created = (one: T) => one.metadata?.creationTimestamp ?? '';
  const name = (one: T) => one.metadata?.name ?? '';
  return classes
    .filter((one) => annotations.some((key) => one.metadata?.annotations?.[key] === 'true'))
    .sort((a, b) => created(b).localeCompare(created(a)) || name(a).localeCompare(name(b)))[0];
}
