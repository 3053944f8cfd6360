/**
 * Gives every active namespace its `default` ServiceAccount, again when somebody deletes it.
 *
 * Reads namespaces and ServiceAccounts; creates ServiceAccounts. Follows upstream's service account controller.
 */

import { namespaces, serviceAccounts } from '#api/generated/kinds.gen.ts';
import type { Namespace } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { defineController } from '#client/controllers/controller.ts';

const accountName = 'default';

export const serviceAccount = defineController({
  name: 'service-account-controller',
  start({ informers, enqueue }) {
    const namespaceInformer = informers.for(namespaces);
    const accountInformer = informers.for(serviceAccounts);
    const add = (namespace: Stored<Namespace>) => enqueue(namespace.metadata.name);
    const stops = [
      namespaceInformer.subscribe({ onAdd: add, onUpdate: (_old, namespace) => add(namespace) }),
      accountInformer.subscribe({
        onDelete: ({ metadata }) => {
          if (metadata.name === accountName) enqueue(metadata.namespace ?? '');
        },
      }),
    ];
    return {
      reconcile(name) {
        const namespace = namespaceInformer.get(undefined, name);
        if (!isActive(namespace) || accountInformer.get(name, accountName)) return { actions: [] };
        const object = { metadata: { name: accountName, namespace: name } };
        return { actions: [{ do: 'create', type: serviceAccounts, object }] };
      },
      stop() {
        for (const stop of stops) stop();
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
