/**
 * A pod may require to be apart from others on nodes only, not in larger domains. Upstream:
 * LimitPodHardAntiAffinityTopology, off by default.
 */

import type { Pod } from '#api/generated/types.gen.ts';
import { forbidden } from '#api/meta/status.ts';
import { defineAdmission } from '../../contract/admission.ts';

const hostName = 'kubernetes.io/hostname';

export const limitPodHardAntiAffinityTopology = defineAdmission({
  name: 'LimitPodHardAntiAffinityTopology',
  rules: [{ operations: ['CREATE', 'UPDATE'], apiGroups: [''], resources: ['pods'] }],
  validate({ type, object }) {
    const { metadata, spec } = object as Pod;
    const terms = spec?.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
    const wide = terms.find(({ topologyKey }) => topologyKey !== hostName);
    if (!wide) return;
    const where = 'affinity.PodAntiAffinity.RequiredDuringScheduling has TopologyKey';
    const why = `${where} ${wide.topologyKey} but only key ${hostName} is allowed`;
    throw forbidden(type, metadata?.name ?? '', why);
  },
});
