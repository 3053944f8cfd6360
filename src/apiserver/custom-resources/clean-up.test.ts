import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { customResourceDefinitions, namespaces } from '#api/generated/kinds.gen.ts';
import { conditionOf } from '#api/meta/conditions.ts';
import { forbidden } from '#api/meta/status.ts';
import { definitionThat, establish, gadgetDefinition, gadgets } from '#testing/server/definitions.ts';
import { startTestServer } from '#testing/server/test-server.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { type AdmissionPlugin, defineAdmission } from '../contract/admission.ts';

const name = 'gadgets.example.com';
const gadget = {
  apiVersion: 'example.com/v1',
  kind: 'Gadget',
  metadata: { name: 'x', namespace: 'default' },
};

async function startServer(t: TestContext, clock: VirtualClock, admission: AdmissionPlugin[] = []) {
  const server = await startTestServer({ customResources: true, admission, env: { clock } });
  t.after(() => server.stop());
  await server.client.create(namespaces, { metadata: { name: 'default' } });
  return server.client;
}

test('a definition – none of its versions is served any more – deleted, its objects go, then it goes', async (t) => {
  const client = await startServer(t, new VirtualClock());
  const definition = await establish(client, gadgetDefinition({ type: 'object' }));
  await client.create(gadgets, gadget);
  definition.spec.versions[0]!.served = false;
  const { metadata } = await client.update(customResourceDefinitions, definition);
  const changes = client.watch(customResourceDefinitions, { resourceVersion: metadata.resourceVersion! });
  await client.delete(customResourceDefinitions, { name });
  const reasons = new Set<string>();
  for await (const { type, object } of changes) {
    reasons.add(conditionOf(object.status, 'Terminating')?.reason ?? 'none');
    if (type === 'DELETED') break;
  }
  assert.deepEqual([...reasons], ['InstanceDeletionPending', 'InstanceDeletionInProgress']);
  await establish(client, gadgetDefinition({ type: 'object' }));
  await assert.rejects(client.get(gadgets, { namespace: 'default', name: 'x' }), { code: 404 });
});

test('a definition – its objects cannot be deleted – its clean-up is tried again with a growing back-off', async (t) => {
  const clock = new VirtualClock();
  let attempts = 0;
  const refuse = defineAdmission({
    name: 'Refuse',
    rules: [{ operations: ['DELETE'], apiGroups: ['example.com'], resources: ['gadgets'] }],
    validate() {
      attempts++;
      throw forbidden(gadgets, 'x', 'it stays');
    },
  });
  const client = await startServer(t, clock, [refuse]);
  await establish(client, gadgetDefinition({ type: 'object' }));
  await client.create(gadgets, gadget);
  await client.delete(customResourceDefinitions, { name });
  const failed = await definitionThat(
    client,
    name,
    ({ status }) => conditionOf(status, 'Terminating')?.reason === 'InstanceDeletionFailed',
  );
  assert.match(conditionOf(failed.status, 'Terminating')!.message!, /^could not issue all deletes: /);
  for (let requests = 0; requests < 20; requests++) await client.list(namespaces);
  assert.equal(attempts, 1);
  const duringASecond = async () => {
    const before = attempts;
    for (let hundredths = 0; hundredths < 100; hundredths++) await clock.advance(10);
    return attempts - before;
  };
  assert.ok((await duringASecond()) > 2);
  assert.ok((await duringASecond()) <= 1);
});
