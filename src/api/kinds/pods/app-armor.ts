/** Copies AppArmor profiles from the old annotations to fields when a pod is created. */

import type { AppArmorProfile, Pod } from '../../generated/types.gen.ts';
import { deepEqual } from '../../schema/deep-equal.ts';
import { appArmorPrefix } from './validation/annotations.ts';
import { type AnyContainer, visitContainers } from './validation/containers/lists.ts';
import { validateAppArmor } from './validation/containers/security.ts';

/** Must be called before `syncAppArmor`, after which annotations and fields cannot be distinguished. */
export function appArmorWarnings(pod: Pod): string[] {
  return annotatedContainers(pod)
    .filter(({ profile }) => !profile || !isPodWide(pod, profile))
    .map(({ key }) => {
      return `metadata.annotations[${key}]: deprecated since v1.30; use the "appArmorProfile" field instead`;
    });
}

export function syncAppArmor(pod: Pod): void {
  for (const { container, profile } of annotatedContainers(pod)) {
    if (!profile || isPodWide(pod, profile)) continue;
    container.securityContext ??= {};
    container.securityContext.appArmorProfile = profile;
  }
}

interface Annotated {
  readonly key: string;
  readonly container: AnyContainer;
  /** Undefined when the annotation has no valid profile. */
  readonly profile: AppArmorProfile | undefined;
}

function annotatedContainers({ metadata, spec }: Pod): Annotated[] {
  const annotations = metadata?.annotations;
  const found: Annotated[] = [];
  if (!annotations || !spec || spec.os?.name === 'windows') return found;
  visitContainers(spec, '', (container) => {
    const key = appArmorPrefix + container.name;
    const annotation = annotations[key];
    if (annotation === undefined || container.securityContext?.appArmorProfile) return;
    found.push({ key, container, profile: profileOf(annotation) });
  });
  return found;
}

const localhostPrefix = 'localhost/';

function profileOf(annotation: string): AppArmorProfile | undefined {
  if (annotation === 'unconfined') return { type: 'Unconfined' };
  if (annotation === 'runtime/default') return { type: 'RuntimeDefault' };
  if (!annotation.startsWith(localhostPrefix)) return undefined;
  const profile = { type: 'Localhost', localhostProfile: annotation.slice(localhostPrefix.length) };
  return profile.localhostProfile && validateAppArmor(profile, '').length === 0 ? profile : undefined;
}

function isPodWide({ spec }: Pod, profile: AppArmorProfile): boolean {
  return deepEqual(profile, spec?.securityContext?.appArmorProfile);
}
