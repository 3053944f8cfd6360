/**
 * The official JavaScript client against a cluster: writes, lists, a patch, a watch, an error it understands.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiException, CoreV1Api, KubeConfig, Watch } from '@kubernetes/client-node';
import { startCluster } from '#cluster/cluster.ts';

const namespace = 'default';

test('the official JavaScript client – against a cluster – creates, watches and deletes', async () => {
  const cluster = await startCluster({});
  const config = new KubeConfig();
  config.loadFromString(cluster.kubeconfig);
  const api = config.makeApiClient(CoreV1Api);
  const seen: string[] = [];
  let enough: (() => void) | undefined;
  const watched = new Promise<void>((resolve) => {
    enough = resolve;
  });
  const path = `/api/v1/namespaces/${namespace}/configmaps`;
  const fieldSelector = 'metadata.name=a';
  const watch = await new Watch(config).watch(
    path,
    { fieldSelector },
    (phase) => {
      seen.push(phase);
      if (phase === 'DELETED') enough?.();
    },
    () => enough?.(),
  );
  try {
    const body = { metadata: { name: 'a' }, data: { a: '1' } };
    const created = await api.createNamespacedConfigMap({ namespace, body });
    assert.ok(created.metadata?.uid);
    assert.ok(created.metadata.creationTimestamp instanceof Date);
    const patch = [{ op: 'replace', path: '/data/a', value: '2' }];
    await api.patchNamespacedConfigMap({ namespace, name: 'a', body: patch });
    const { items } = await api.listNamespacedConfigMap({ namespace, fieldSelector });
    assert.deepEqual(
      items.map(({ data }) => data),
      [{ a: '2' }],
    );
    await api.deleteNamespacedConfigMap({ namespace, name: 'a' });
    await watched;
    assert.deepEqual(seen, ['ADDED', 'MODIFIED', 'DELETED']);
    await assert.rejects(
      api.readNamespacedConfigMap({ namespace, name: 'a' }),
      (error) => error instanceof ApiException && error.code === 404,
    );
  } finally {
    watch.abort();
    await cluster.stop();
  }
});
