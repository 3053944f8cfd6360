/** The AppArmor profile of a container: its own, that of its old annotation, or that of its pod. */

import type { AppArmorProfile } from '#api/generated/types.gen.ts';
import type { AnyContainer } from '#api/pods/containers.ts';
import type { NodePod } from '../pod/pod.ts';
import type { SecurityProfile } from '../runtime/runtime-config.ts';

const annotationPrefix = 'container.apparmor.security.beta.kubernetes.io/';
const localhostPrefix = 'localhost/';

export function appArmorProfileOf(pod: NodePod, container: AnyContainer): AppArmorProfile | undefined {
  return (
    container.securityContext?.appArmorProfile ??
    fromAnnotation(pod.metadata.annotations?.[annotationPrefix + container.name]) ??
    pod.spec.securityContext?.appArmorProfile
  );
}

function fromAnnotation(value: string | undefined): AppArmorProfile | undefined {
  if (value === 'runtime/default') return { type: 'RuntimeDefault' };
  if (value === 'unconfined') return { type: 'Unconfined' };
  if (!value?.startsWith(localhostPrefix)) return undefined;
  return { type: 'Localhost', localhostProfile: value.slice(localhostPrefix.length) };
}

/** For the runtime. */
export function appArmorOf(pod: NodePod, container: AnyContainer): { apparmor?: SecurityProfile } {
  const profile = appArmorProfileOf(pod, container);
  if (!profile) return {};
  const profileType = profile.type as SecurityProfile['profileType'];
  return {
    apparmor: {
      profileType,
      ...(profileType === 'Localhost' ? { localhostRef: profile.localhostProfile ?? '' } : {}),
    },
  };
}
