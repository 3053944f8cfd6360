/** What a webhook is asked, how long its answers are kept, and what becomes of requests when it fails. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import {
  configMaps,
  mutatingAdmissionPolicies,
  mutatingAdmissionPolicyBindings,
  selfSubjectRulesReviews,
  validatingAdmissionPolicies,
  validatingAdmissionPolicyBindings,
} from '#api/generated/kinds.gen.ts';
import { startTestServer } from '#testing/server/test-server.ts';
import { startTestWebhook, type TestWebhook } from '#testing/server/webhook-server.ts';
import { readAuthorizationConfiguration } from './configuration.ts';

async function startWithWebhook(t: TestContext, webhook: TestWebhook, settings: object = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'kybern-authorization-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const kubeConfigFile = join(dir, 'kubeconfig');
  const cluster = { server: `${webhook.url}/authorize`, 'certificate-authority-data': webhook.caBundle };
  writeFileSync(
    kubeConfigFile,
    JSON.stringify({
      'current-context': 'c',
      contexts: [{ name: 'c', context: { cluster: 'k' } }],
      clusters: [{ name: 'k', cluster }],
    }),
  );
  const path = join(dir, 'authorization.yaml');
  const connectionInfo = { type: 'KubeConfigFile', kubeConfigFile };
  const base = {
    timeout: '3s',
    subjectAccessReviewVersion: 'v1',
    failurePolicy: 'NoOpinion',
    connectionInfo,
  };
  writeFileSync(
    path,
    JSON.stringify({
      apiVersion: 'apiserver.config.k8s.io/v1',
      kind: 'AuthorizationConfiguration',
      authorizers: [
        { type: 'Node', name: 'node' },
        { type: 'RBAC', name: 'rbac' },
        { type: 'Webhook', name: 'hook', webhook: { ...base, ...settings } },
      ],
    }),
  );
  const configuration = { arguments: { 'authorization-config': path }, featureGates: {} } as never;
  return startTestServer({ setup: 'kubernetes', configuration });
}

const status = (allowed: boolean, more: object = {}) => ({ status: { allowed, ...more } });
const inDefault = { namespace: 'default' };

test('an authorization webhook – what RBAC does not allow – is asked with a review, and its answer is kept', async (t) => {
  await using webhook = await startTestWebhook(() => status(true, { reason: 'hook says so' }));
  await using server = await startWithWebhook(t, webhook);
  const jane = server.as('jane');
  await jane.list(configMaps, { ...inDefault, labelSelector: 'a in (b)', fieldSelector: 'metadata.name=m' });
  assert.equal(webhook.asked.length, 1);
  assert.equal(webhook.asked[0]!.url, '/authorize');
  const { kind, apiVersion, spec } = JSON.parse(webhook.asked[0]!.body);
  assert.deepEqual([kind, apiVersion], ['SubjectAccessReview', 'authorization.k8s.io/v1']);
  assert.deepEqual(spec, {
    resourceAttributes: {
      namespace: 'default',
      verb: 'list',
      version: 'v1',
      resource: 'configmaps',
      name: 'm',
      fieldSelector: { requirements: [{ key: 'metadata.name', operator: 'In', values: ['m'] }] },
      labelSelector: { requirements: [{ key: 'a', operator: 'In', values: ['b'] }] },
    },
    user: 'jane',
    groups: ['system:authenticated'],
  });
  await jane.list(configMaps, inDefault);
  await jane.list(configMaps, inDefault);
  assert.equal(webhook.asked.length, 2, 'the same question is asked once');
  await server.client.list(configMaps, inDefault);
  assert.equal(webhook.asked.length, 2, 'system:masters are not asked about');
  const review = await jane.create(selfSubjectRulesReviews, { spec: inDefault });
  assert.equal(review.status!.incomplete, true);
  assert.equal(review.status!.evaluationError, 'webhook authorizer does not support user rule resolution');
});

test('an authorization webhook – it denies, fails, or its conditions are not met – 403, 500 or the failure policy', async (t) => {
  await using webhook = await startTestWebhook((_, response) => void response.writeHead(403).end());
  const matchConditions = [{ expression: "request.user != 'bob'" }];
  const version = { matchConditionSubjectAccessReviewVersion: 'v1', matchConditions };
  await using server = await startWithWebhook(t, webhook, version);
  await assert.rejects(server.as('bob').list(configMaps, inDefault), { code: 403 });
  assert.equal(webhook.asked.length, 0);
  await assert.rejects(server.as('jane').list(configMaps, inDefault), { code: 500 });
  assert.equal(webhook.asked.length, 1);
  webhook.reply = () => status('false' as never);
  await assert.rejects(server.as('jane').list(configMaps, inDefault), { code: 500 });
  webhook.reply = () => ({ kind: 'TokenReview', ...status(true) });
  await assert.rejects(server.as('jane').list(configMaps, inDefault), { code: 500 });
  webhook.reply = () => status(false, { denied: true, reason: 'no' });
  await assert.rejects(server.as('jane').list(configMaps, inDefault), {
    code: 403,
    message: /cannot list resource "configmaps" in API group "" in the namespace "default": no$/,
  });
});

const head = 'apiVersion: apiserver.config.k8s.io/v1\nkind: AuthorizationConfiguration\n';
const refused: readonly [string, string][] = [
  [head, 'authorizers: Required value: at least one authorization mode must be defined'],
  [
    `${head}authorizers: [{type: RBAC, name: a}, {type: RBAC, name: b}]`,
    'authorizers[1].type: Duplicate value: "RBAC"',
  ],
  [
    `${head}authorizers: [{type: Webhook, name: a}]`,
    'authorizers[0].webhook: Required value: required when type=Webhook',
  ],
  [
    `${head}authorizers: [{type: RBAC, name: a, color: b}]`,
    'strict decoding error: unknown field "authorizers[0].color"',
  ],
  [
    `${head}authorizers: [{type: Webhook, name: a, webhook: {}}]`,
    '[authorizers[0].timeout: Required value, authorizers[0].subjectAccessReviewVersion: Required value, ' +
      'authorizers[0].failurePolicy: Required value, authorizers[0].connectionInfo.type: Required value]',
  ],
];
for (const [text, message] of refused) {
  test(`authorization configuration – ${text.slice(head.length) || 'empty'} – is refused`, () => {
    assert.throws(() => readAuthorizationConfiguration(text), { message });
  });
}

test('an authorization webhook – what expressions of policies ask – answers it', async (t) => {
  await using webhook = await startTestWebhook(({ body }) => {
    const { spec } = JSON.parse(body) as { spec: { resourceAttributes?: { resource: string } } };
    return status(spec.resourceAttributes?.resource !== 'pods');
  });
  await using server = await startWithWebhook(t, webhook);
  const asks = "authorizer.group('').resource('pods').check('get').allowed()";
  const matchConstraints = {
    resourceRules: [
      { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] },
    ],
  };
  const metadata = { name: 'p' };
  const mutations = [
    {
      patchType: 'ApplyConfiguration',
      applyConfiguration: { expression: `Object{data: {'may': string(${asks})}}` },
    },
  ];
  const mutating = { matchConstraints, mutations, reinvocationPolicy: 'Never' };
  await server.client.create(mutatingAdmissionPolicies, { metadata, spec: mutating });
  await server.client.create(mutatingAdmissionPolicyBindings, { metadata, spec: { policyName: 'p' } });
  const jane = server.as('jane');
  const made = await jane.create(configMaps, { metadata: { name: 'c', ...inDefault } });
  assert.deepEqual(made.data, { may: 'false' });
  const validations = [{ expression: asks, message: 'no pods' }];
  await server.client.create(validatingAdmissionPolicies, {
    metadata,
    spec: { matchConstraints, validations },
  });
  await server.client.create(validatingAdmissionPolicyBindings, {
    metadata,
    spec: { policyName: 'p', validationActions: ['Deny'] },
  });
  await assert.rejects(
    jane.create(configMaps, { metadata: { name: 'd', ...inDefault } }),
    /denied request: no pods$/,
  );
});
