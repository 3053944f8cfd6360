import assert from 'node:assert/strict';
import { test } from 'node:test';
import { secrets, serviceAccounts } from '#api/generated/kinds.gen.ts';
import type { Secret, ServiceAccount } from '#api/generated/types.gen.ts';
import { DryController } from '#testing/controllers/dry-controller.ts';
import { storedMetadata } from '#testing/objects.ts';
import { serviceAccountTokens } from './service-account-tokens.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const tokens = {
  signLegacy: async (account: object, secret: string) => `${JSON.stringify(account)} ${secret}`,
};
const controllerOf = () => new DryController(serviceAccountTokens({ tokens, caPem: 'PEM' }));
const annotations = { 'kubernetes.io/service-account.name': 'build' };
const secretOf = (data: Record<string, string> = {}, more: object = {}) => ({
  metadata: storedMetadata('t', { namespace: 'n', annotations: { ...annotations, ...more } }),
  type: 'kubernetes.io/service-account-token',
  data,
});
const stepsOf = async (controller: DryController) =>
  (await controller.plan('n/t')).actions.map((step) => step.do);
const account = {
  metadata: storedMetadata('build', { namespace: 'n' }),
  secrets: [{ name: 't' }, { name: 'u' }],
};
const token = base64('{"namespace":"n","name":"build","uid":"build"} t');
const full = { 'ca.crt': base64('PEM'), namespace: base64('n'), token };

test('a token Secret – without its data – is filled', async () => {
  const controller = controllerOf().put(serviceAccounts, account).put(secrets, secretOf());
  assert.deepEqual(controller.woken(), ['n/t']);
  const [step] = (await controller.plan('n/t')).actions;
  assert.equal(step?.do, 'update');
  const filled = (step as { object: Secret }).object;
  assert.deepEqual(filled.data, full);
  assert.deepEqual(filled.metadata?.annotations, {
    ...annotations,
    'kubernetes.io/service-account.uid': 'build',
  });
});

test('a token Secret – with its data – is unchanged; with another CA it is corrected', async () => {
  const controller = controllerOf().put(serviceAccounts, account).put(secrets, secretOf(full));
  assert.deepEqual(await controller.printed('n/t'), []);
  controller.put(secrets, secretOf({ ...full, 'ca.crt': base64('OLD'), token: base64('kept') }));
  const [step] = (await controller.plan('n/t')).actions;
  assert.deepEqual((step as { object: Secret }).object.data, { ...full, token: base64('kept') });
});

test('a token Secret – whose ServiceAccount was deleted or recreated – is deleted', async () => {
  const gone = controllerOf().put(serviceAccounts, account).put(secrets, secretOf(full));
  gone.woken();
  gone.remove(serviceAccounts, account);
  assert.deepEqual(gone.woken(), ['n/t']);
  assert.deepEqual(await stepsOf(gone), ['delete']);
  const other = secretOf(full, { 'kubernetes.io/service-account.uid': 'old' });
  assert.deepEqual(await stepsOf(controllerOf().put(serviceAccounts, account).put(secrets, other)), [
    'delete',
  ]);
});

test('a token Secret – that is deleted – is removed from the secrets of its ServiceAccount', async () => {
  const controller = controllerOf().put(serviceAccounts, account).put(secrets, secretOf(full));
  controller.remove(secrets, secretOf(full));
  const [step] = (await controller.plan('n/t')).actions;
  assert.deepEqual((step as { object: ServiceAccount }).object.secrets, [{ name: 'u' }]);
  assert.deepEqual(await controller.printed('n/t'), []);
});
