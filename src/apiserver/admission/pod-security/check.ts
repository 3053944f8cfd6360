/** The shape of one check of the Pod Security Standards, and the words in which it complains. */

import type { Pod, PodSecurityContext, PodSpec, SecurityContext } from '#api/generated/types.gen.ts';
import type { AnyContainer } from '#api/pods/containers.ts';

export interface Violation {
  readonly reason: string;
  readonly detail: string;
}

/** Undefined when nothing is wrong. */
export type Check = (spec: PodSpec, pod: Pod) => Violation | undefined;

/** In upstream's order. */
export function containersOf(spec: PodSpec): AnyContainer[] {
  return [...(spec.initContainers ?? []), ...spec.containers, ...(spec.ephemeralContainers ?? [])];
}

export const quoted = (names: readonly string[]) => names.map((name) => JSON.stringify(name)).join(', ');
export const plural = (word: string, count: number) => (count === 1 ? word : `${word}s`);
export const usesVerb = (names: readonly string[]) => (names.length === 1 ? 'uses' : 'use');
export const named = (word: string, names: readonly string[]) =>
  `${plural(word, names.length)} ${quoted(names)}`;
/** Sorted, each once. */
export const distinct = (values: readonly string[]) => [...new Set(values)].sort();

export function containerNames(spec: PodSpec, isBad: (container: AnyContainer) => boolean): string[] {
  return containersOf(spec)
    .filter(isBad)
    .map((container) => container.name);
}

/** All containers that break the rule, as one violation. */
export function badContainers(
  spec: PodSpec,
  reason: string,
  what: string,
  isBad: (container: AnyContainer) => boolean,
): Violation | undefined {
  const names = containerNames(spec, isBad);
  return names.length === 0 ? undefined : { reason, detail: `${named('container', names)} ${what}` };
}

type AnyContext = PodSecurityContext | SecurityContext;

/** What sets a bad security context: `pod and containers "a", "b"`; undefined when nothing does. */
export function badSetters(spec: PodSpec, isBad: (context: AnyContext) => boolean): string | undefined {
  const isBadContext = (context: AnyContext | undefined) => context !== undefined && isBad(context);
  const names = containerNames(spec, (container) => isBadContext(container.securityContext));
  const setters = [
    ...(isBadContext(spec.securityContext) ? ['pod'] : []),
    ...(names.length > 0 ? [named('container', names)] : []),
  ];
  return setters.length === 0 ? undefined : setters.join(' and ');
}

/** The security contexts of the pod and its containers. */
export function contextsOf(spec: PodSpec): AnyContext[] {
  return [spec.securityContext, ...containersOf(spec).map((container) => container.securityContext)].filter(
    (context) => context !== undefined,
  );
}

export const addedCapabilities = (container: AnyContainer) =>
  container.securityContext?.capabilities?.add ?? [];

/** Since 1.25 pods of Windows need not set what only Linux has. */
export function exceptOnWindows(check: Check): Check {
  return (spec, pod) => (spec.os?.name === 'windows' ? undefined : check(spec, pod));
}

/** Since 1.35: root in a user namespace is not root on the host. */
export function exceptInUserNamespace(check: Check): Check {
  return (spec, pod) => (spec.hostUsers === false ? undefined : check(spec, pod));
}
