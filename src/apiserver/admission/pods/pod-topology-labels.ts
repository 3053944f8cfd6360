/**
 * A pod learns the zone and region of its node when it is bound: they become its labels. Reads: Node.
 * Upstream: PodTopologyLabels.
 */

import { nodes } from '#api/generated/kinds.gen.ts';
import type { Binding } from '#api/generated/types.gen.ts';
import { type AdmissionPlugin, defineAdmission } from '../../contract/admission.ts';
import type { ObjectReader } from '../../contract/contract.ts';
import { readObject } from '../../contract/typed-reader.ts';

const copied = ['topology.kubernetes.io/zone', 'topology.kubernetes.io/region'];

export function podTopologyLabels(reader: ObjectReader): AdmissionPlugin {
  return defineAdmission({
    name: 'PodTopologyLabels',
    rules: [{ operations: ['CREATE'], apiGroups: [''], resources: ['pods/binding'] }],
    mutate({ object }) {
      const { target, metadata } = object as unknown as Binding;
      const labels = readObject(reader, nodes, '', target?.name ?? '')?.metadata?.labels ?? {};
      const found = copied.flatMap((key) => (labels[key] === undefined ? [] : [[key, labels[key]] as const]));
      if (found.length === 0) return;
      object!.metadata = { ...metadata, labels: { ...metadata?.labels, ...Object.fromEntries(found) } };
    },
  });
}
