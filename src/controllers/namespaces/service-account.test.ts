import assert from 'node:assert/strict';
import { test } from 'node:test';
import { namespaces, serviceAccounts } from '#api/generated/kinds.gen.ts';
import { DryController } from '#testing/controllers/dry-controller.ts';
import { longAgo, storedMetadata } from '#testing/objects.ts';
import { serviceAccount } from './service-account.ts';

const namespace = { metadata: storedMetadata('n') };
const account = (name: string) => ({ metadata: storedMetadata(name, { namespace: 'n' }) });

test('an active namespace – it gets its default account, again when that is deleted', async () => {
  const controller = new DryController(serviceAccount).put(namespaces, namespace);
  assert.deepEqual(controller.woken(), ['n']);
  assert.deepEqual(await controller.printed('n'), ['create ServiceAccount n/default']);
  controller.put(serviceAccounts, account('default'), account('other'));
  assert.deepEqual(controller.woken(), []);
  assert.deepEqual(await controller.printed('n'), []);
  controller.remove(serviceAccounts, account('other'));
  assert.deepEqual(controller.woken(), []);
  controller.remove(serviceAccounts, account('default'));
  assert.deepEqual(controller.woken(), ['n']);
  assert.deepEqual(await controller.printed('n'), ['create ServiceAccount n/default']);
});

const inactive = {
  'that is being deleted': { metadata: storedMetadata('n', { deletionTimestamp: longAgo }) },
  'that terminates': { ...namespace, status: { phase: 'Terminating' } },
};
for (const [name, object] of Object.entries(inactive)) {
  test(`a namespace ${name} – it gets no account`, async () => {
    const controller = new DryController(serviceAccount).put(namespaces, object);
    assert.deepEqual(await controller.printed('n'), []);
  });
}
