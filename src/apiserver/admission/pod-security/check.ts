/** The shape of one check of the Pod Security Standards, and the words in which it complains. */

import type { Pod, PodSpec } from '#api/generated/types.gen.ts';
import type { AnyContainer } from '#api/pods/containers.ts';

export interface Violation {
  readonly reason: string;
  readonly detail: string;
}

/** Undefined when nothing is wrong. */
export type Check = (spec: PodSpec, pod: Pod) => Violation | undefined;

export function containersOf(spec: PodSpec): AnyContainer[] {
  return [...spec.containers, ...(spec.initContainers ?? []), ...(spec.ephemeralContainers ?? [])];
}

export const quoted = (names: readonly string[]) => names.map((name) => JSON.stringify(name)).join(', ');
export const plural = (word: string, count: number) => (count === 1 ? word : `${word}s`);
export const named = (word: string, names: readonly string[]) =>
  `${plural(word, names.length)} ${quoted(names)}`;

/** Those containers that are bad, as one violation. */
export function badContainers(
  spec: PodSpec,
  reason: string,
  what: string,
  isBad: (container: AnyContainer) => boolean,
): Violation | undefined {
  const names = containersOf(spec)
    .filter(isBad)
    .map((container) => container.name);
  return names.length === 0 ? undefined : { reason, detail: `${named('container', names)} ${what}` };
}

export const addedCapabilities = (container: AnyContainer) =>
  container.securityContext?.capabilities?.add ?? [];
