import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { nodes, pods } from '#api/generated/kinds.gen.ts';
import type { Pod, PodSpec } from '#api/generated/types.gen.ts';
import { StatusError } from '#api/meta/status.ts';
import { createDefaultAccount, startTestServer } from '#testing/server/test-server.ts';

const sized = (cpu: string, memory = '1Gi') => ({
  containers: [{ name: 'c', image: 'i', resources: { requests: { cpu, memory } } }],
});

/** A pod on each of two nodes with 4 processors and 8Gi, on one that does not exist, and on none. */
async function setUp(t: TestContext) {
  const { client, stop } = await startTestServer({ setup: 'kubernetes' });
  t.after(stop);
  await createDefaultAccount(client);
  const allocatable = { cpu: '4', memory: '8Gi' };
  for (const system of ['linux', 'windows', 'unnamed']) {
    const labels: Record<string, string> = system === 'unnamed' ? {} : { 'kubernetes.io/os': system };
    await client.create(nodes, { metadata: { name: system, labels } });
    const status = { allocatable, capacity: { cpu: '8', memory: '16Gi' } };
    await client.patch(nodes, { name: system }, 'merge', { status }, { subresource: 'status' });
  }
  const create = (name: string, nodeName: string, spec: Partial<PodSpec> = {}) =>
    client.create(pods, {
      metadata: { name, namespace: 'default' },
      spec: { ...sized('1'), ...spec, ...(nodeName ? { nodeName } : {}) },
    } as Pod);
  const resize = (name: string, spec: object) =>
    client.patch(pods, { namespace: 'default', name }, 'strategic', { spec }, { subresource: 'resize' });
  return { client, create, resize };
}

const capacity = "node didn't have enough allocatable resources: ";

test('a resize – beyond what its node can allocate – is forbidden, with the cause', async (t) => {
  const { create, resize, client } = await setUp(t);
  await create('web', 'linux');
  for (const [cpu, memory, why] of [
    ['5', '1Gi', 'cpu, requested: 5000, allocatable: 4000'],
    ['4001m', '1Gi', 'cpu, requested: 4001, allocatable: 4000'],
    ['1', '9Gi', `memory, requested: ${9 * 2 ** 30}, allocatable: ${8 * 2 ** 30}`],
    [
      '6',
      '9Gi',
      `cpu, requested: 6000, allocatable: 4000; memory, requested: ${9 * 2 ** 30}, allocatable: ${8 * 2 ** 30}`,
    ],
  ] as const) {
    await t.test(why, async () => {
      await assert.rejects(resize('web', sized(cpu, memory)), (error) => {
        assert.ok(error instanceof StatusError);
        assert.equal(error.code, 403);
        assert.equal(error.message, `pods "web" is forbidden: ${capacity}${why}`);
        assert.deepEqual(error.status.details, {
          name: 'web',
          kind: 'pods',
          causes: [{ reason: 'NodeCapacity' }],
        });
        return true;
      });
    });
  }
  await resize('web', sized('4', '8Gi'));
  const { spec } = await client.get(pods, { namespace: 'default', name: 'web' });
  assert.deepEqual(spec?.containers[0]?.resources?.requests, { cpu: '4', memory: '8Gi' });
});

test('the requests of a resize – of all containers and the overhead – count together', async (t) => {
  const { create, resize } = await setUp(t);
  const sidecar = { name: 's', image: 'i', restartPolicy: 'Always', resources: { requests: { cpu: '1' } } };
  await create('many', 'linux', { initContainers: [sidecar] });
  await resize('many', sized('3'));
  await assert.rejects(resize('many', sized('3500m')), {
    message: `pods "many" is forbidden: ${capacity}cpu, requested: 4500, allocatable: 4000`,
  });
});

test('a resize – on a node of another system – is forbidden, a node without the label counts as linux', async (t) => {
  const { create, resize } = await setUp(t);
  await create('other', 'windows');
  await create('plain', 'unnamed');
  await create('lost', 'gone');
  await assert.rejects(resize('other', sized('2')), (error) => {
    assert.ok(error instanceof StatusError);
    const why = 'pod resize is only supported on linux nodes, node "windows" is "windows"';
    assert.equal(error.message, `pods "other" is forbidden: ${why}`);
    assert.deepEqual(error.status.details?.causes, [{ reason: 'UnsupportedPlatform' }]);
    return true;
  });
  await resize('plain', sized('2'));
  await assert.rejects(resize('lost', sized('2')), {
    code: 403,
    message: 'pods "lost" is forbidden: node "gone" not found',
  });
});

test('a resize – that changes no spec, or of a pod without a node – is not judged', async (t) => {
  const { create, resize, client } = await setUp(t);
  await create('same', 'linux');
  const status = { allocatable: { cpu: '500m', memory: '1Mi' } };
  await client.patch(nodes, { name: 'linux' }, 'merge', { status }, { subresource: 'status' });
  await resize('same', sized('1'));
  await assert.rejects(resize('same', sized('2')), { code: 403 });
  await create('free', '');
  await resize('free', sized('100'));
});
