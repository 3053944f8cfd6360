/**
 * Gives every active namespace its `default` ServiceAccount, again when it is deleted.
 *
 * Reads namespaces and ServiceAccounts; creates ServiceAccounts. Follows upstream's service account
 * controller.
 */

import { namespaces, serviceAccounts } from '#api/generated/kinds.gen.ts';
import type { Namespace } from '#api/generated/types.gen.ts';
import { defineController } from '#client/controllers/controller.ts';
import { nothingToDo } from '#client/controllers/plan.ts';
import { watch } from '#client/controllers/watch.ts';

const accountName = 'default';

export const serviceAccount = defineController({
  name: 'service-account-controller',
  start({ informers }) {
    const namespaceLister = informers.for(namespaces);
    const accounts = informers.for(serviceAccounts);
    return {
      watches: [
        watch({ type: namespaces }),
        watch({
          type: serviceAccounts,
          on: ['deleted'],
          filter: ({ metadata }) => metadata.name === accountName,
          keys: ({ metadata }) => [metadata.namespace ?? ''],
        }),
      ],
      reconcile(name) {
        const namespace = namespaceLister.get(undefined, name);
        if (!isActive(namespace) || accounts.get(name, accountName)) return nothingToDo;
        const object = { metadata: { name: accountName, namespace: name } };
        return { actions: [{ do: 'create', type: serviceAccounts, object }] };
      },
    };
  },
});

export function isActive(namespace: Namespace | undefined): boolean {
  return (
    namespace !== undefined &&
    namespace.status?.phase !== 'Terminating' &&
    !namespace.metadata?.deletionTimestamp
  );
}
