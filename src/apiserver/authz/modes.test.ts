import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { ApiServerArguments } from '#api/configuration/api-server-arguments.ts';
import { configMaps, selfSubjectRulesReviews } from '#api/generated/kinds.gen.ts';
import { startTestServer } from '#testing/server/test-server.ts';
import { startTestWebhook } from '#testing/server/webhook-server.ts';
import { authorizersByMode } from './modes.ts';

// biome-ignore format: a table
for (const [given, error] of [
  [{ 'authorization-mode': ['RBAC'], 'authorization-config': 'f' }, '--authorization-config can not be specified when --authorization-mode or --authorization-webhook-* flags are defined'],
  [{ 'authorization-mode': ['ABAC'] }, "authorization-mode ABAC's authorization policy file not passed"],
  [{ 'authorization-mode': ['Webhook'] }, "authorization-mode Webhook's authorization config file not passed"],
  [{ 'authorization-policy-file': 'f' }, 'cannot specify --authorization-policy-file without mode ABAC'],
  [{ 'authorization-mode': ['RBAC'], 'authorization-webhook-config-file': 'f' }, 'cannot specify --authorization-webhook-config-file without mode Webhook'],
  [{ 'authorization-mode': ['RBAC', 'RBAC'] }, 'authorization-mode ["RBAC" "RBAC"] has mode specified more than once'],
] as const) {
  test(`authorization arguments – ${JSON.stringify(given)} – are refused`, () => {
    assert.throws(() => authorizersByMode(given), { message: error });
  });
}

async function start(t: TestContext, args: ApiServerArguments) {
  const server = await startTestServer({ setup: 'kubernetes', configuration: { arguments: args } });
  t.after(() => server.stop());
  return server;
}

function writeFile(t: TestContext, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'kybern-modes-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'file');
  writeFileSync(path, text);
  return path;
}

const inDefault = { namespace: 'default' };

test('authorization-mode AlwaysAllow – a user without a role – may do everything', async (t) => {
  const server = await start(t, { 'authorization-mode': ['AlwaysAllow'] });
  assert.deepEqual((await server.as('jane').list(configMaps, inDefault)).items, []);
});

test('authorization-mode RBAC, Webhook – what RBAC does not allow – the webhook is asked, and its answers are kept', async (t) => {
  await using webhook = await startTestWebhook(({ body }) => ({
    apiVersion: 'authorization.k8s.io/v1beta1',
    kind: 'SubjectAccessReview',
    status: { allowed: JSON.parse(body).spec.user === 'jane' },
  }));
  const path = writeFile(
    t,
    JSON.stringify({
      'current-context': 'c',
      contexts: [{ name: 'c', context: { cluster: 'k' } }],
      clusters: [
        { name: 'k', cluster: { server: webhook.url, 'certificate-authority-data': webhook.caBundle } },
      ],
    }),
  );
  const server = await start(t, {
    'authorization-mode': ['RBAC', 'Webhook'],
    'authorization-webhook-config-file': path,
  });
  for (let i = 0; i < 2; i++) await server.as('jane').list(configMaps, inDefault);
  assert.deepEqual(
    webhook.asked.map(({ body }) => JSON.parse(body).apiVersion),
    ['authorization.k8s.io/v1beta1'],
  );
  await assert.rejects(server.as('joe').list(configMaps, inDefault), /forbidden/);
});

test('authorization-mode ABAC – by the policies of its file – allows and refuses', async (t) => {
  const policy = (spec: object) =>
    JSON.stringify({ apiVersion: 'abac.authorization.kubernetes.io/v1beta1', kind: 'Policy', spec });
  const lines = [
    '# readers',
    policy({ user: 'jane', namespace: 'default', resource: '*', apiGroup: '*', readonly: true }),
  ];
  const server = await start(t, {
    'authorization-mode': ['ABAC'],
    'authorization-policy-file': writeFile(t, lines.join('\n')),
  });
  const jane = server.as('jane');
  await jane.list(configMaps, inDefault);
  await assert.rejects(
    jane.create(configMaps, { metadata: { name: 'a', ...inDefault } }),
    /No policy matched\./,
  );
  await assert.rejects(jane.list(configMaps, { namespace: 'kube-system' }), /forbidden/);
});

// biome-ignore format: a table
for (const [mode, listed] of [
  ['ABAC', { resourceRules: [{ verbs: ['get', 'list', 'watch'], apiGroups: [''], resources: ['configmaps'] }], nonResourceRules: [] }],
  ['AlwaysAllow', { resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }], nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }] }],
  ['AlwaysDeny', { resourceRules: [], nonResourceRules: [] }],
] as const) {
  test(`a review of all rules – authorization-mode ${mode} – lists those of this mode alone`, async (t) => {
    const policy = { user: 'jane', resource: 'configmaps', namespace: 'default', readonly: true };
    const reviewing = { user: '*', resource: 'selfsubjectrulesreviews', namespace: '*', apiGroup: '*' };
    const lines = [policy, reviewing].map((spec) => JSON.stringify({ apiVersion: 'abac.authorization.kubernetes.io/v1beta1', kind: 'Policy', spec }));
    const file = mode === 'ABAC' ? { 'authorization-policy-file': writeFile(t, lines.join('\n')) } : {};
    const server = await start(t, { 'authorization-mode': [mode], ...file });
    // Under AlwaysDeny only masters may ask, who are in no mode.
    const asking = mode === 'AlwaysDeny' ? server.client : server.as('jane');
    const { status } = await asking.create(selfSubjectRulesReviews, { spec: inDefault });
    const own = { ...status, resourceRules: status!.resourceRules?.filter(({ resources }) => resources?.[0] !== 'selfsubjectrulesreviews') };
    assert.deepEqual(own, { ...listed, incomplete: false });
  });
}
