/**
 * Nothing is created in a namespace that does not exist or is being deleted; the system's own are not
 * deleted. Reads: Namespace. Upstream: NamespaceLifecycle.
 */

import { namespaces } from '#api/generated/kinds.gen.ts';
import type { Namespace } from '#api/generated/types.gen.ts';
import { forbidden, notFound } from '#api/meta/status.ts';
import { type AdmissionAttributes, type AdmissionPlugin, defineAdmission } from '../../contract/admission.ts';
import type { ObjectReader } from '../../contract/stored-objects.ts';
import { readObject } from '../../contract/typed-reader.ts';

const immortal = new Set(['default', 'kube-system', 'kube-public']);
/** What may be asked about a namespace that is not there. */
const reviews = new Set(['localsubjectaccessreviews']);

const name = 'NamespaceLifecycle';

export function namespaceLifecycle(reader: ObjectReader): readonly AdmissionPlugin[] {
  return [
    defineAdmission({
      name,
      rules: [{ operations: ['CREATE'], apiGroups: ['*'], resources: ['*/*'], scope: 'Namespaced' }],
      // Before anything else looks into the namespace.
      mutate(attributes) {
        if (attributes.namespace === '' || reviews.has(attributes.type.resource)) return;
        checkNamespace(reader, attributes);
      },
    }),
    defineAdmission({
      name,
      rules: [{ operations: ['DELETE'], apiGroups: [''], resources: ['namespaces'] }],
      validate({ type, name }) {
        if (immortal.has(name)) throw forbidden(type, name, 'this namespace may not be deleted');
      },
    }),
  ];
}

function checkNamespace(reader: ObjectReader, { type, name, namespace }: AdmissionAttributes): void {
  const found = readObject(reader, namespaces, '', namespace);
  if (!found) throw notFound(namespaces, namespace);
  if (!isTerminating(found)) return;
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
  const error = forbidden(type, name, why);
  error.status.details = {
    ...error.status.details,
    causes: [
      {
        reason: 'NamespaceTerminating',
        message: `namespace ${namespace} is being terminated`,
        field: 'metadata.namespace',
      },
    ],
  };
  throw error;
}

function isTerminating(namespace: Namespace): boolean {
  return namespace.status?.phase === 'Terminating' || namespace.metadata?.deletionTimestamp !== undefined;
}
