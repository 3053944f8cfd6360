import assert from 'node:assert/strict';
import { test } from 'node:test';
import { componentStatuses } from '#api/generated/kinds.gen.ts';
import type { ListOptions } from '#client/client.ts';
import { bodyText } from '#client/transport/body.ts';
import { startTestServer } from '#testing/server/test-server.ts';
import { Unhealthy } from './component-statuses.ts';

test('component statuses – requested – are probed then, with the messages of the old API', async () => {
  await using api = await startTestServer({ setup: 'kubernetes' });
  const { client: alone } = api;
  const sick = new Map<string, Error>();
  const check = (name: string) => () => {
    const error = sick.get(name);
    if (error) throw error;
  };
  const componentChecks = {
    'controller-manager': check('controller-manager'),
    scheduler: check('scheduler'),
  };
  await using checked = await api.another({ componentChecks });
  const { transport, client } = checked;
  const rows = async () => {
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
    const path = '/api/v1/componentstatuses';
    const answer = await transport.request({ method: 'GET', path, headers: { accept } });
    const table: { rows: { cells: string[] }[] } = JSON.parse(await bodyText(answer));
    return table.rows.map(({ cells }) => cells);
  };
  assert.deepEqual(await rows(), [
    ['controller-manager', 'Healthy', 'ok', ''],
    ['scheduler', 'Healthy', 'ok', ''],
    ['etcd-0', 'Healthy', 'ok', ''],
  ]);
  sick.set('scheduler', new Unhealthy('lease kube-scheduler: no answer'));
  sick.set('controller-manager', new Error('it could not be asked'));
  assert.deepEqual((await rows()).slice(0, 2), [
    ['controller-manager', 'Unhealthy', '', 'it could not be asked'],
    ['scheduler', 'Unhealthy', 'lease kube-scheduler: no answer', ''],
  ]);

  const component = await client.get(componentStatuses, { name: 'scheduler' });
  assert.deepEqual(component, {
    kind: 'ComponentStatus',
    apiVersion: 'v1',
    metadata: { name: 'scheduler' },
    conditions: [{ type: 'Healthy', status: 'False', message: 'lease kube-scheduler: no answer' }],
  });
  await assert.rejects(client.get(componentStatuses, { name: 'etcd-1' }), {
    code: 404,
    reason: 'NotFound',
    message: 'componentstatus "etcd-1" not found',
  });

  const names = async (list: ListOptions) =>
    (await client.list(componentStatuses, list)).items.map(({ metadata }) => metadata.name);
  assert.deepEqual(await names({ labelSelector: 'a=b' }), []);
  assert.deepEqual(await names({ fieldSelector: 'metadata.name=etcd-0' }), ['etcd-0']);
  await assert.rejects(names({ fieldSelector: 'status=x' }), { code: 400 });

  const { items } = await alone.list(componentStatuses);
  assert.deepEqual(
    items.map(({ metadata, conditions }) => [metadata.name, conditions?.[0]?.status]),
    [
      ['controller-manager', 'False'],
      ['scheduler', 'False'],
      ['etcd-0', 'True'],
    ],
  );
});
