/** For tests: the three metrics APIs, served by an extension API server whose answers the test gives. */

import { apiServices, services } from '#api/generated/kinds.gen.ts';
import { conditionOf } from '#api/meta/conditions.ts';
import type { Client } from '#client/client.ts';
import { type ExtensionServer, startExtensionServer } from './extension-server.ts';

const apis = [
  ['metrics.k8s.io', 'v1beta1'],
  ['custom.metrics.k8s.io', 'v1beta2'],
  ['external.metrics.k8s.io', 'v1beta1'],
] as const;

/** Registered in the namespace `default`, not yet available: see `areAvailable`. */
export async function startMetricsServer(client: Client): Promise<ExtensionServer> {
  const extension = await startExtensionServer('metrics.k8s.io');
  await client.create(services, {
    metadata: { name: 'extension', namespace: 'default' },
    spec: { type: 'ExternalName', externalName: 'localhost' },
  });
  for (const [group, version] of apis) {
    const groupVersion = `${group}/${version}`;
    extension.documents.set(`/apis/${groupVersion}`, {
      kind: 'APIResourceList',
      apiVersion: 'v1',
      groupVersion,
      resources: [
        { name: 'pods', singularName: '', namespaced: true, kind: 'PodMetrics', verbs: ['get', 'list'] },
      ],
    });
    await client.create(apiServices, {
      metadata: { name: `${version}.${group}` },
      spec: {
        group,
        version,
        groupPriorityMinimum: 100,
        versionPriority: 100,
        caBundle: extension.caBundle,
        service: { namespace: 'default', name: 'extension', port: extension.port },
      },
    });
  }
  return extension;
}

export async function areAvailable(client: Client): Promise<boolean> {
  const states = await Promise.all(
    apis.map(async ([group, version]) => {
      const { status } = await client.get(apiServices, { name: `${version}.${group}` });
      return conditionOf(status, 'Available')?.status === 'True';
    }),
  );
  return states.every((isAvailable) => isAvailable);
}
