/**
 * A pod learns the zone and region of its node when it is bound, or made for it: they become its labels.
 * Reads: Node. Upstream: PodTopologyLabels.
 */

import { nodes } from '#api/generated/kinds.gen.ts';
import type { Binding, Pod } from '#api/generated/types.gen.ts';
import { type AdmissionPlugin, defineAdmission } from '../../contract/admission.ts';
import type { ObjectReader } from '../../contract/stored-objects.ts';
import { readObject } from '../../contract/typed-reader.ts';

const copied = ['topology.kubernetes.io/zone', 'topology.kubernetes.io/region'];

export function podTopologyLabels(reader: ObjectReader): AdmissionPlugin {
  return defineAdmission({
    name: 'PodTopologyLabels',
    rules: [{ operations: ['CREATE'], apiGroups: [''], resources: ['pods', 'pods/binding'] }],
    mutate({ subresource, object }) {
      const name =
        subresource === 'binding' ? boundTo(object as object as Binding) : (object as Pod).spec?.nodeName;
      const labels = name ? readObject(reader, nodes, '', name)?.metadata?.labels : undefined;
      const found = Object.entries(labels ?? {}).filter(([key]) => copied.includes(key));
      if (found.length === 0) return;
      const metadata = object!.metadata ?? {};
      object!.metadata = { ...metadata, labels: { ...metadata.labels, ...Object.fromEntries(found) } };
    },
  });
}

function boundTo({ target }: Binding): string | undefined {
  return target.kind === 'Node' ? target.name : undefined;
}
