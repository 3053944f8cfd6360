/** The checks that the `restricted` standard adds to `baseline`. */

import { seccompBaseline } from './baseline.ts';
import {
  addedCapabilities,
  badContainers,
  type Check,
  containersOf,
  named,
  plural,
  quoted,
} from './check.ts';

const restrictedVolumes = new Set([
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
]);

const capabilitiesRestricted: Check = (spec) => {
  const details: string[] = [];
  const undropped = containersOf(spec).filter(
    (container) => !container.securityContext?.capabilities?.drop?.includes('ALL'),
  );
  if (undropped.length > 0) {
    const who = named(
      'container',
      undropped.map((container) => container.name),
    );
    details.push(`${who} must set securityContext.capabilities.drop=["ALL"]`);
  }
  const isBad = (capability: string) => capability !== 'NET_BIND_SERVICE';
  const adding = containersOf(spec).filter((container) => addedCapabilities(container).some(isBad));
  if (adding.length > 0) {
    const names = [...new Set(adding.flatMap(addedCapabilities).filter(isBad))].sort();
    const who = named(
      'container',
      adding.map((container) => container.name),
    );
    details.push(`${who} must not include ${quoted(names)} in securityContext.capabilities.add`);
  }
  return details.length === 0
    ? undefined
    : { reason: 'unrestricted capabilities', detail: details.join('; ') };
};

const seccompRestricted: Check = (spec) => {
  const wrong = seccompBaseline(spec, {});
  if (wrong) return wrong;
  if (spec.securityContext?.seccompProfile?.type) return undefined;
  const names = containersOf(spec)
    .filter((container) => !container.securityContext?.seccompProfile?.type)
    .map((container) => container.name);
  if (names.length === 0) return undefined;
  const detail = `pod or ${named('container', names)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"`;
  return { reason: 'seccompProfile', detail };
};

const volumeTypes: Check = (spec) => {
  const typeOf = (volume: object) => Object.keys(volume).find((key) => key !== 'name') ?? 'emptyDir';
  const bad = (spec.volumes ?? []).filter((volume) => !restrictedVolumes.has(typeOf(volume)));
  if (bad.length === 0) return undefined;
  const types = [...new Set(bad.map(typeOf))];
  const who = named(
    'volume',
    bad.map((volume) => volume.name),
  );
  const verb = bad.length === 1 ? 'uses' : 'use';
  const detail = `${who} ${verb} restricted volume ${plural('type', types.length)} ${quoted(types)}`;
  return { reason: 'restricted volume types', detail };
};

const privilegeEscalation: Check = (spec) =>
  badContainers(
    spec,
    'allowPrivilegeEscalation != false',
    'must set securityContext.allowPrivilegeEscalation=false',
    (container) => container.securityContext?.allowPrivilegeEscalation !== false,
  );

const runAsNonRoot: Check = (spec) => {
  const reason = 'runAsNonRoot != true';
  const set = containersOf(spec).filter((container) => container.securityContext?.runAsNonRoot === false);
  if (set.length > 0) {
    const who = named(
      'container',
      set.map((container) => container.name),
    );
    return { reason, detail: `${who} must not set securityContext.runAsNonRoot=false` };
  }
  const podValue = spec.securityContext?.runAsNonRoot;
  const open = containersOf(spec).filter(
    (container) => container.securityContext?.runAsNonRoot === undefined,
  );
  if (podValue === true || open.length === 0) return undefined;
  if (podValue === false) return { reason, detail: 'pod must not set securityContext.runAsNonRoot=false' };
  const who = named(
    'container',
    open.map((container) => container.name),
  );
  return { reason, detail: `pod or ${who} must set securityContext.runAsNonRoot=true` };
};

const runAsUser: Check = (spec) => {
  const names = containersOf(spec)
    .filter((container) => container.securityContext?.runAsUser === 0)
    .map((container) => container.name);
  const isPodRoot = spec.securityContext?.runAsUser === 0;
  const where = [...(isPodRoot ? ['pod'] : []), ...(names.length > 0 ? [named('container', names)] : [])];
  if (where.length === 0) return undefined;
  return { reason: 'runAsUser=0', detail: `${where.join(' and ')} must not set runAsUser=0` };
};

export const restrictedOnly: readonly Check[] = [
  privilegeEscalation,
  capabilitiesRestricted,
  volumeTypes,
  runAsNonRoot,
  runAsUser,
  seccompRestricted,
];
