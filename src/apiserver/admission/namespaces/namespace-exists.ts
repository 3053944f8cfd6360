/** Rejects writes into a namespace that does not exist. Reads: Namespace. Upstream: NamespaceExists, off by default. */

import { namespaces } from '#api/generated/kinds.gen.ts';
import { notFound } from '#api/meta/status.ts';
import { defineAdmission } from '../../contract/admission.ts';
import type { ObjectReader } from '../../contract/stored-objects.ts';
import { readObject } from '../../contract/typed-reader.ts';

export function namespaceExists(reader: ObjectReader) {
  return defineAdmission({
    name: 'NamespaceExists',
    rules: [
      {
        operations: ['CREATE', 'UPDATE', 'DELETE'],
        apiGroups: ['*'],
        resources: ['*/*'],
        scope: 'Namespaced',
      },
    ],
    validate({ namespace }) {
      if (namespace === '' || readObject(reader, namespaces, '', namespace)) return;
      throw notFound(namespaces, namespace);
    },
  });
}
