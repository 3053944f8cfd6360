/**
 * A pod that requests an extended resource tolerates the taint of that name. Upstream: ExtendedResourceToleration, off
 * by default.
 */

import type { Pod, Toleration } from '#api/generated/types.gen.ts';
import { isExtendedResource } from '#api/validation/extended-resource.ts';
import { defineAdmission } from '../../contract/admission.ts';

export const extendedResourceToleration = defineAdmission({
  name: 'ExtendedResourceToleration',
  rules: [{ operations: ['CREATE', 'UPDATE'], apiGroups: [''], resources: ['pods'] }],
  mutate({ object }) {
    const spec = (object as Pod).spec!;
    const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? [])];
    const requested = containers.flatMap(({ resources }) => Object.keys(resources?.requests ?? {}));
    const keys = [...new Set(requested.filter(isExtendedResource))].sort();
    const added = keys.filter((key) => !(spec.tolerations ?? []).some((present) => tolerates(present, key)));
    if (added.length === 0) return;
    spec.tolerations = [...(spec.tolerations ?? []), ...added.map(tolerationOf)];
  },
});

function tolerationOf(key: string): Toleration {
  return { key, operator: 'Exists', effect: 'NoSchedule' };
}

function tolerates({ key, operator, effect, tolerationSeconds }: Toleration, wanted: string): boolean {
  const isWanted = key === wanted && operator === 'Exists' && effect === 'NoSchedule';
  return isWanted && tolerationSeconds === undefined;
}
