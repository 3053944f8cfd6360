/**
 * Creates the namespace that a new object names. Reads and writes: Namespace. Upstream: NamespaceAutoProvision, off by
 * default.
 */

import { namespaces } from '#api/generated/kinds.gen.ts';
import { StatusError } from '#api/meta/status.ts';
import { defineAdmission } from '../../contract/admission.ts';
import type { ServerClient } from '../../contract/server-client.ts';
import type { ObjectReader } from '../../contract/stored-objects.ts';
import { readObject } from '../../contract/typed-reader.ts';

export function namespaceAutoProvision(reader: ObjectReader, client: Pick<ServerClient, 'create'>) {
  return defineAdmission({
    name: 'NamespaceAutoProvision',
    rules: [{ operations: ['CREATE'], apiGroups: ['*'], resources: ['*/*'], scope: 'Namespaced' }],
    async mutate({ namespace, dryRun }) {
      if (dryRun || namespace === '' || readObject(reader, namespaces, '', namespace)) return;
      try {
        await client.create(namespaces, { metadata: { name: namespace } });
      } catch (error) {
        if (!(error instanceof StatusError) || error.status.reason !== 'AlreadyExists') throw error;
      }
    },
  });
}
