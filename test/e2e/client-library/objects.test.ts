/**
 * The official JavaScript client against a cluster: writes, lists, every kind of patch, server-side apply, a watch, an
 * informer, errors that it understands.
 */

import assert from 'node:assert/strict';
import { after, before, type TestContext, test } from 'node:test';
import {
  ApiException,
  CoreV1Api,
  KubeConfig,
  type KubernetesObject,
  KubernetesObjectApi,
  makeInformer,
  PatchStrategy,
  setHeaderOptions,
  type V1ConfigMap,
  Watch,
} from '@kubernetes/client-node';
import { startCluster } from '#cluster/cluster.ts';
import { eventually } from '../../support/cluster.ts';

const namespace = 'default';
const path = `/api/v1/namespaces/${namespace}/configmaps`;
const config = new KubeConfig();
let cluster: Awaited<ReturnType<typeof startCluster>>;
let api: CoreV1Api;

before(async () => {
  cluster = await startCluster({});
  config.loadFromString(cluster.kubeconfig);
  api = config.makeApiClient(CoreV1Api);
});
after(() => cluster?.stop());

const configMap = (name: string, data: Record<string, string> = {}): V1ConfigMap => ({
  metadata: { name, labels: { of: name } },
  data,
});
const isStatus = (code: number) => (error: unknown) => error instanceof ApiException && error.code === code;

/** The phases of the objects with this label. */
async function watchLabel(t: TestContext, label: string): Promise<string[]> {
  const seen: string[] = [];
  const query = { labelSelector: `of=${label}` };
  const watch = await new Watch(config).watch(
    path,
    query,
    (phase) => seen.push(phase),
    () => {},
  );
  t.after(() => watch.abort());
  return seen;
}

test('the official JavaScript client – with an object – creates, watches, replaces and deletes it', async (t) => {
  const seen = await watchLabel(t, 'a');
  const created = await api.createNamespacedConfigMap({ namespace, body: configMap('a', { a: '1' }) });
  assert.ok(created.metadata?.uid);
  assert.ok(created.metadata.creationTimestamp instanceof Date);
  await api.replaceNamespacedConfigMap({ namespace, name: 'a', body: { ...created, data: { a: '2' } } });
  await assert.rejects(
    api.replaceNamespacedConfigMap({ namespace, name: 'a', body: created }),
    isStatus(409),
  );
  const { items } = await api.listNamespacedConfigMap({ namespace, fieldSelector: 'metadata.name=a' });
  assert.deepEqual(
    items.map(({ data }) => data),
    [{ a: '2' }],
  );
  await api.deleteNamespacedConfigMap({ namespace, name: 'a' });
  await eventually('all is seen', () => seen.length === 3);
  assert.deepEqual(seen, ['ADDED', 'MODIFIED', 'DELETED']);
  await assert.rejects(api.readNamespacedConfigMap({ namespace, name: 'a' }), isStatus(404));
});

const patches: readonly (readonly [PatchStrategy, unknown])[] = [
  [PatchStrategy.JsonPatch, [{ op: 'replace', path: '/data/a', value: '2' }]],
  [PatchStrategy.MergePatch, { data: { a: '2' } }],
  [PatchStrategy.StrategicMergePatch, { data: { a: '2' } }],
];
for (const [strategy, body] of patches) {
  test(`the official JavaScript client – with ${strategy} – changes the one field`, async () => {
    const name = `patched-${patches.findIndex(([other]) => other === strategy)}`;
    await api.createNamespacedConfigMap({ namespace, body: configMap(name, { a: '1', b: '1' }) });
    const header = setHeaderOptions('Content-Type', strategy);
    const { data } = await api.patchNamespacedConfigMap({ namespace, name, body }, header);
    assert.deepEqual(data, { a: '2', b: '1' });
  });
}

test('the official JavaScript client – with server-side apply – owns what it applies, and meets a conflict', async () => {
  const objects = KubernetesObjectApi.makeApiClient(config);
  const apply = (manager: string, data: Record<string, string>, force?: boolean) => {
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'applied', namespace }, data };
    const strategy = PatchStrategy.ServerSideApply;
    return objects.patch<V1ConfigMap>(
      object as KubernetesObject,
      undefined,
      undefined,
      manager,
      force,
      strategy,
    );
  };
  await apply('one', { a: '1', b: '1' });
  await assert.rejects(apply('two', { a: '2' }), (error) => {
    assert.ok(isStatus(409)(error));
    const { message } = JSON.parse((error as ApiException<string>).body);
    assert.equal(message, 'Apply failed with 1 conflict: conflict with "one": .data.a');
    return true;
  });
  const forced = await apply('two', { a: '2' }, true);
  assert.deepEqual(
    forced.metadata?.managedFields?.map(({ manager, operation }) => [manager, operation]),
    [
      ['one', 'Apply'],
      ['two', 'Apply'],
    ],
  );
  assert.deepEqual(
    (await apply('one', { a: '2' })).data,
    { a: '2' },
    'what one no longer applies is removed',
  );
});

test('the official JavaScript client – with an informer – follows objects, also after it was stopped', async (t) => {
  const labelSelector = 'of=informed';
  const list = () => api.listNamespacedConfigMap({ namespace, labelSelector });
  const body = (name: string) => ({ metadata: { name, labels: { of: 'informed' } } });
  await api.createNamespacedConfigMap({ namespace, body: body('first') });
  const informer = makeInformer<V1ConfigMap>(config, path, list, labelSelector);
  const names = () => informer.list(namespace).map(({ metadata }) => metadata?.name);
  const events: string[] = [];
  for (const verb of ['add', 'update', 'delete'] as const) {
    informer.on(verb, ({ metadata }) => events.push(`${verb} ${metadata?.name}`));
  }
  await informer.start();
  t.after(() => informer.stop());
  assert.deepEqual(names(), ['first']);

  await api.createNamespacedConfigMap({ namespace, body: body('second') });
  await eventually('the second is seen', () => names().length === 2);
  await informer.stop();
  await api.deleteNamespacedConfigMap({ namespace, name: 'first' });
  await api.replaceNamespacedConfigMap({
    namespace,
    name: 'second',
    body: { ...body('second'), data: { a: '1' } },
  });
  await informer.start();
  await eventually('the rest is seen', () => events.length === 4);
  assert.deepEqual(events, ['add first', 'add second', 'delete first', 'update second']);
  assert.deepEqual(informer.get('second', namespace)?.data, { a: '1' });
});
