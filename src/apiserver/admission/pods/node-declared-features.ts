/**
 * A running pod is not changed in a way that the kubelet of its node does not carry out. Reads: Node.
 * Upstream: NodeDeclaredFeatureValidator.
 */

import { nodes, pods } from '#api/generated/kinds.gen.ts';
import type { Pod } from '#api/generated/types.gen.ts';
import { forbidden } from '#api/meta/status.ts';
import { featuresNeededToChange } from '#api/nodes/declared-features.ts';
import { type AdmissionPlugin, defineAdmission } from '../../contract/admission.ts';
import type { ObjectReader } from '../../contract/stored-objects.ts';
import { readObject } from '../../contract/typed-reader.ts';

export function nodeDeclaredFeatures(reader: ObjectReader): AdmissionPlugin {
  return defineAdmission({
    name: 'NodeDeclaredFeatureValidator',
    rules: [{ operations: ['UPDATE'], apiGroups: [''], resources: ['pods', 'pods/resize'] }],
    validate({ name, object, oldObject }) {
      const [spec, old] = [(object as Pod).spec, (oldObject as Pod).spec];
      if (!spec?.nodeName || !old) return;
      const needed = featuresNeededToChange(spec, old);
      if (needed.length === 0) return;
      const node = readObject(reader, nodes, '', spec.nodeName);
      if (!node) throw forbidden(pods, name, `node "${spec.nodeName}" not found`);
      const missing = needed.filter((feature) => !node.status?.declaredFeatures?.includes(feature));
      if (missing.length === 0) return;
      const why = `pod update requires features ${missing.join(', ')} which are not available on node "${spec.nodeName}"`;
      throw forbidden(pods, name, why);
    },
  });
}
