import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deployments, namespaces } from '#api/generated/kinds.gen.ts';
import type { Deployment, Scale } from '#api/generated/types.gen.ts';
import { forbidden } from '#api/meta/status.ts';
import { bodyText } from '#client/transport/body.ts';
import { startTestServer } from '#testing/server/test-server.ts';
import { defineAdmission } from '../contract/admission.ts';

const rules = [{ operations: ['UPDATE'], apiGroups: ['apps'], resources: ['deployments/scale'] }] as const;
const atMostFive = defineAdmission({
  name: 'AtMostFive',
  rules,
  mutate({ object }) {
    const { spec } = object as Scale;
    spec!.replicas = Math.min(spec!.replicas!, 5);
  },
});
const neverDown = defineAdmission({
  name: 'NeverDown',
  rules,
  validate({ object, oldObject, type, name }) {
    const [now, before] = [object, oldObject].map((anyObject) => (anyObject as Scale).spec!.replicas!);
    if (now! < before!) throw forbidden(type, name, `${before} replicas are not made ${now}`);
  },
});

test('a scale – plugins of the scale – they see it as it was and shall be, and what they make of it is stored', async (t) => {
  const { client, stop } = await startTestServer({ admission: [atMostFive, neverDown] });
  t.after(stop);
  await client.create(namespaces, { metadata: { name: 'default' } });
  const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
  const spec = { selector: { matchLabels: { a: 'b' } }, template };
  await client.create(deployments, { metadata: { name: 'd', namespace: 'default' }, spec } as Deployment);
  const key = { namespace: 'default', name: 'd' };
  const scaleTo = (replicas: number) =>
    client.patch(deployments, key, 'merge', { spec: { replicas } }, { subresource: 'scale' });
  await scaleTo(9);
  const scaled = await client.get(deployments, key);
  assert.deepEqual([scaled.spec?.replicas, scaled.metadata.generation], [5, 2]);
  await assert.rejects(scaleTo(4), {
    code: 403,
    message: 'deployments.apps "d" is forbidden: 5 replicas are not made 4',
  });
});

test('a scale – asked for as a table, as metadata and in protobuf – is answered so', async (t) => {
  const { client, transport, stop } = await startTestServer();
  t.after(stop);
  await client.create(namespaces, { metadata: { name: 'default' } });
  const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
  const spec = { replicas: 3, selector: { matchLabels: { a: 'b' } }, template };
  await client.create(deployments, { metadata: { name: 'd', namespace: 'default' }, spec } as Deployment);
  const path = '/apis/apps/v1/namespaces/default/deployments/d/scale';
  const ask = async (accept: string) =>
    bodyText(await transport.request({ method: 'GET', path, headers: { accept } }));
  const table = JSON.parse(await ask('application/json;as=Table;v=v1;g=meta.k8s.io'));
  const columns = table.columnDefinitions.map(({ name }: { name: string }) => name);
  assert.deepEqual([table.kind, columns], ['Table', ['Name', 'Desired', 'Available', 'Age']]);
  assert.deepEqual(table.rows[0].cells.slice(0, 3), ['d', 3, 0]);
  const metadata = JSON.parse(await ask('application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io'));
  assert.deepEqual([metadata.kind, metadata.metadata.name], ['PartialObjectMetadata', 'd']);
  const protobuf = await ask('application/vnd.kubernetes.protobuf');
  assert.equal(protobuf.slice(0, 4), 'k8s\0');
  assert.ok(protobuf.includes('autoscaling/v1') && protobuf.includes('Scale'));
});
