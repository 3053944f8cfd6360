/**
 * Nothing is created in a namespace that does not exist or is being deleted; the system's own are not deleted.
 * Reads: Namespace. Upstream: NamespaceLifecycle.
 */

import { namespaces } from '#api/generated/kinds.gen.ts';
import type { Namespace } from '#api/generated/types.gen.ts';
import { isSameResource, type ResourceType } from '#api/meta/resource.ts';
import { forbidden, notFound } from '#api/meta/status.ts';
import type { AdmissionAttributes, AdmissionPlugin, ObjectReader } from '../contract/contract.ts';
import { readObject } from '../contract/typed-reader.ts';

const immortal = new Set(['default', 'kube-system', 'kube-public']);
/** What may be asked about a namespace that is not there. */
const reviews = new Set(['localsubjectaccessreviews']);

export function namespaceLifecycle(reader: ObjectReader): AdmissionPlugin {
  return {
    name: 'NamespaceLifecycle',
    resources: ['*'],
    // Before anything else looks into the namespace.
    mutate(attributes) {
      const { operation, type, namespace } = attributes;
      if (operation !== 'CREATE' || namespace === '' || isNamespace(type) || reviews.has(type.resource))
        return;
      checkNamespace(reader, attributes);
    },
    validate({ operation, type, name, subresource }) {
      if (operation !== 'DELETE' || subresource !== '' || !isNamespace(type) || !immortal.has(name)) return;
      throw forbidden(type, name, 'this namespace may not be deleted');
    },
  };
}

function isNamespace(type: ResourceType): boolean {
  return isSameResource(type, namespaces);
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
