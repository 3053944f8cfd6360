import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configMaps, namespaces } from '#api/generated/kinds.gen.ts';
import type { ConfigMap } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { DryController } from '#testing/controllers/dry-controller.ts';
import { longAgo, storedMetadata } from '#testing/objects.ts';
import { rootCaPublisher } from './root-ca.ts';

const mapName = 'kube-root-ca.crt';
const annotations = {
  'kubernetes.io/description': 'The CA that signs the API server certificate for clients inside the cluster.',
};

function map(data: Record<string, string>, more: object = { annotations }): Stored<ConfigMap> {
  return { metadata: storedMetadata(mapName, { namespace: 'n', ...more }), data };
}

const right = { 'ca.crt': 'PEM' };
const rows: [string, Stored<ConfigMap> | undefined, string[]][] = [
  ['missing', undefined, [`create ConfigMap n/${mapName}`]],
  ['right', map(right), []],
  ['of another CA', map({ 'ca.crt': 'OLD' }), [`update ConfigMap n/${mapName}`]],
  ['with more than the CA', map({ ...right, more: 'x' }), [`update ConfigMap n/${mapName}`]],
  ['without the annotation', map(right, {}), [`update ConfigMap n/${mapName}`]],
];
for (const [name, existing, expected] of rows) {
  test(`the map of the CA – ${name} – ${expected[0] ?? 'left alone'}`, async () => {
    const controller = new DryController(rootCaPublisher('PEM'));
    controller.put(namespaces, { metadata: storedMetadata('n') });
    if (existing) controller.put(configMaps, existing);
    assert.deepEqual(await controller.printed('n'), expected);
    const [step] = (await controller.plan('n')).actions;
    if (step?.do === 'create' || step?.do === 'update') {
      assert.deepEqual((step.object as ConfigMap).data, right);
      assert.deepEqual(step.object.metadata?.annotations, annotations);
    }
  });
}

test('a map that is changed or deleted – its namespace is looked at, unless it is another map', () => {
  const controller = new DryController(rootCaPublisher('PEM')).put(configMaps, map(right));
  assert.deepEqual(controller.woken(), []);
  controller.put(configMaps, map({ 'ca.crt': 'x' }));
  assert.deepEqual(controller.woken(), ['n']);
  controller.remove(configMaps, map(right));
  assert.deepEqual(controller.woken(), ['n']);
  const other = { metadata: storedMetadata('other', { namespace: 'n' }) };
  controller.put(configMaps, other).remove(configMaps, other);
  assert.deepEqual(controller.woken(), []);
});

test('a namespace that is being deleted – it gets no map', async () => {
  const metadata = storedMetadata('n', { deletionTimestamp: longAgo });
  assert.deepEqual(
    await new DryController(rootCaPublisher('PEM')).put(namespaces, { metadata }).printed('n'),
    [],
  );
});
