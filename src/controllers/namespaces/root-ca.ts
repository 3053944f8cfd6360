/**
 * Puts the ConfigMap `kube-root-ca.crt` with the cluster's CA into every active namespace, and keeps it right.
 *
 * Reads namespaces and ConfigMaps; writes ConfigMaps. Follows upstream's root CA certificate publisher.
 */

import { configMaps, namespaces } from '#api/generated/kinds.gen.ts';
import type { ConfigMap, Namespace } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { type Action, type ControllerDefinition, defineController } from '#client/controllers/controller.ts';
import { isActive } from './service-account.ts';

const mapName = 'kube-root-ca.crt';
const annotations = {
  'kubernetes.io/description': 'The CA that signs the API server certificate for clients inside the cluster.',
};

/** `caPem`: one or more certificates. */
export function rootCaPublisher(caPem: string): ControllerDefinition {
  return defineController({
    name: 'root-ca-cert-publisher',
    start({ informers, enqueue }) {
      const namespaceInformer = informers.for(namespaces);
      const mapInformer = informers.for(configMaps);
      const add = (namespace: Stored<Namespace>) => enqueue(namespace.metadata.name);
      const look = ({ metadata }: Stored<ConfigMap>) => {
        if (metadata.name === mapName) enqueue(metadata.namespace ?? '');
      };
      const stops = [
        namespaceInformer.subscribe({ onAdd: add, onUpdate: (_old, namespace) => add(namespace) }),
        mapInformer.subscribe({ onUpdate: (_old, map) => look(map), onDelete: look }),
      ];
      return {
        reconcile(name) {
          if (!isActive(namespaceInformer.get(undefined, name))) return { actions: [] };
          return { actions: publish(name, mapInformer.get(name, mapName), caPem) };
        },
        stop() {
          for (const stop of stops) stop();
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
