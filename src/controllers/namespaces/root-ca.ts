/**
 * Creates the ConfigMap `kube-root-ca.crt` with the cluster's CA in every active namespace, and restores it.
 *
 * Reads namespaces and ConfigMaps; writes ConfigMaps. Follows upstream's root CA certificate publisher.
 */

import { configMaps, namespaces } from '#api/generated/kinds.gen.ts';
import type { ConfigMap } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { type ControllerDefinition, defineController } from '#client/controllers/controller.ts';
import { type Action, nothingToDo } from '#client/controllers/plan.ts';
import { watch } from '#client/controllers/watch.ts';
import { isActive } from './service-account.ts';

const mapName = 'kube-root-ca.crt';
const annotations = {
  'kubernetes.io/description': 'The CA that signs the API server certificate for clients inside the cluster.',
};

/** `caPem`: one or more certificates. */
export function rootCaPublisher(caPem: string): ControllerDefinition {
  return defineController({
    name: 'root-ca-cert-publisher',
    start({ informers }) {
      const namespaceLister = informers.for(namespaces);
      const maps = informers.for(configMaps);
      return {
        watches: [
          watch({ type: namespaces }),
          watch({
            type: configMaps,
            on: ['updated', 'deleted'],
            filter: ({ metadata }) => metadata.name === mapName,
            keys: ({ metadata }) => [metadata.namespace ?? ''],
          }),
        ],
        reconcile(name) {
          if (!isActive(namespaceLister.get(undefined, name))) return nothingToDo;
          return { actions: publish(name, maps.get(name, mapName), caPem) };
        },
      };
    },
  });
}

export function publish(namespace: string, existing: Stored<ConfigMap> | undefined, caPem: string): Action[] {
  const data = { 'ca.crt': caPem };
  if (!existing) {
    const object: ConfigMap = { metadata: { name: mapName, namespace, annotations }, data };
    return [{ do: 'create', type: configMaps, object }];
  }
  const same =
    existing.data?.['ca.crt'] === caPem &&
    Object.keys(existing.data).length === 1 &&
    Object.keys(annotations).every((key) => existing.metadata.annotations?.[key] !== undefined);
  if (same) return [];
  const metadata = {
    ...existing.metadata,
    annotations: { ...existing.metadata.annotations, ...annotations },
  };
  const object: ConfigMap = { ...existing, metadata, data };
  return [{ do: 'update', type: configMaps, object }];
}
