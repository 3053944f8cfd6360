/** What a namespace is warned of whose pods do not keep to the level that it begins to enforce. */

import type { Pod } from '#api/generated/types.gen.ts';
import { controllerOf } from '#api/meta/controller-of.ts';
import { type LevelVersion, violations } from './checks.ts';
import { isEquivalent, isPrivileged, labelOf, levelText, modes, type Policy } from './policy.ts';

/** Upstream's bound. */
const podsMax = 3000;

interface Violators {
  /** The first by name. */
  name: string;
  count: number;
}

export function warningsOfExisting(namespace: string, pods: readonly Pod[], enforce: LevelVersion): string[] {
  const warnings: string[] = [];
  const byReason = new Map<string, Violators>();
  for (const pod of differentFirst(pods).slice(0, podsMax)) note(byReason, pod, enforce);
  if (pods.length > podsMax) {
    warnings.push(
      `new PodSecurity enforce level only checked against the first ${podsMax} of ${pods.length} existing pods`,
    );
  }
  if (byReason.size === 0) return warnings;
  const level = JSON.stringify(levelText(enforce));
  warnings.push(
    `existing pods in namespace ${JSON.stringify(namespace)} violate the new PodSecurity enforce level ${level}`,
  );
  const lines = [...byReason].map(([reason, { name, count }]) => `${name}${others(count)}: ${reason}`);
  return [...warnings, ...lines.sort()];
}

function note(byReason: Map<string, Violators>, pod: Pod, enforce: LevelVersion): void {
  const found = violations(enforce, pod);
  if (found.length === 0) return;
  const reason = found.map((violation) => violation.reason).join(', ');
  const name = pod.metadata?.name ?? '';
  const known = byReason.get(reason);
  if (!known) byReason.set(reason, { name, count: 1 });
  else {
    known.count++;
    if (name < known.name) known.name = name;
  }
}

/** None for a namespace whose labels ask for nothing that the exemption would take away. */
export function exemptNamespaceWarning(
  namespace: string,
  policy: Policy,
  labels: Readonly<Record<string, string>>,
  defaults: Policy,
): string[] {
  if (isPrivileged(policy) || isEquivalent(policy, defaults)) return [];
  const isLabelled = (mode: string) =>
    labels[labelOf(mode)] !== undefined || labels[labelOf(`${mode}-version`)] !== undefined;
  const ignored = modes
    .filter((mode) => policy[mode].level !== 'privileged' && isLabelled(mode))
    .map((mode) => `${mode}=${levelText(policy[mode])}`);
  const what = `namespace ${JSON.stringify(namespace)} is exempt from Pod Security`;
  return [`${what}, and the policy (${ignored.join(', ')}) will be ignored`];
}

function others(count: number): string {
  if (count === 1) return '';
  return count === 2 ? ' (and 1 other pod)' : ` (and ${count - 1} other pods)`;
}

/** Of the pods of a controller, which are alike, the second and later ones come last. */
function differentFirst(pods: readonly Pod[]): Pod[] {
  const controllers = new Set<string>();
  const [first, later]: [Pod[], Pod[]] = [[], []];
  for (const pod of pods) {
    const uid = controllerOf(pod)?.uid;
    if (uid !== undefined && controllers.has(uid)) later.push(pod);
    else first.push(pod);
    if (uid !== undefined) controllers.add(uid);
  }
  return [...first, ...later];
}
