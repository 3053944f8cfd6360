/** Ways to be known to a whole API server: over TLS, by headers, by tokens, and how it publishes them. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Agent, request } from 'undici';
import { readClusterConfiguration } from '#api/configuration/cluster-configuration.ts';
import { configMaps, secrets, serviceAccounts } from '#api/generated/kinds.gen.ts';
import type { KeyPair } from '#pki/certificate.ts';
import { startTestServer, type TestServer } from '#testing/server/test-server.ts';
import { configuredTokens } from './service-account-keys.ts';

const selfReviews = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
const review = JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' });

function start(args: object = {}): Promise<TestServer> {
  const configuration = readClusterConfiguration({
    apiVersion: 'kybern.dev/v1',
    kind: 'ClusterConfiguration',
    apiServer: { args },
  });
  return startTestServer({ setup: 'kubernetes', https: true, configuration });
}

async function ask(
  api: TestServer,
  path: string,
  headers: Record<string, string | string[]>,
  pair?: KeyPair,
) {
  const connect = { ca: api.pki.ca.certPem, ...(pair ? { cert: pair.certPem, key: pair.keyPem } : {}) };
  const dispatcher = new Agent({ connect });
  const isReview = path === selfReviews;
  const answer = await request(`${api.url}${path}`, {
    dispatcher,
    method: isReview ? 'POST' : 'GET',
    headers: { 'content-type': 'application/json', ...headers },
    ...(isReview ? { body: review } : {}),
  });
  const text = await answer.body.text();
  await dispatcher.close();
  return { code: answer.statusCode, headers: answer.headers, text };
}

async function userOf(...request: Parameters<typeof ask>): Promise<unknown> {
  const { code, text } = await ask(...request);
  return code === 201 ? JSON.parse(text).status.userInfo : code;
}

test('a front proxy – with its certificate – sets the user, other clients do not', async () => {
  await using api = await start();
  const jane = {
    'x-remote-user': 'jane',
    'x-remote-uid': '7',
    'x-remote-group': ['dev', 'ops'],
    'x-remote-extra-example.com%2fa': 'b',
  };
  assert.deepEqual(await userOf(api, selfReviews, jane, api.pki.frontProxyClient), {
    username: 'jane',
    uid: '7',
    groups: ['dev', 'ops', 'system:authenticated'],
    extra: { 'example.com/a': ['b'] },
  });
  assert.equal(await userOf(api, selfReviews, {}, api.pki.frontProxyClient), 401);
  const admin = (await userOf(api, selfReviews, jane, api.pki.admin())) as { username: string };
  assert.equal(admin.username, 'kubernetes-admin');
  assert.equal(await userOf(api, selfReviews, jane), 403);
  const { data } = await api.client.get(configMaps, {
    namespace: 'kube-system',
    name: 'extension-apiserver-authentication',
  });
  assert.equal(data?.['requestheader-allowed-names'], '["front-proxy-client"]');
});

test('a front proxy – of another name – is refused', async () => {
  await using api = await start({ 'requestheader-allowed-names': 'other' });
  assert.equal(await userOf(api, selfReviews, { 'x-remote-user': 'jane' }, api.pki.frontProxyClient), 401);
});

function fileOf(t: TestContext, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'authentication-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'file'), text);
  return join(folder, 'file');
}

test('anonymous requests – with conditions – are served on their paths only', async (t) => {
  const path = fileOf(
    t,
    `{apiVersion: apiserver.config.k8s.io/v1, kind: AuthenticationConfiguration, anonymous: {enabled: true, conditions: [{path: /livez}]}}`,
  );
  await using api = await start({ 'authentication-config': path });
  const codes = await Promise.all(
    ['/livez', '/livez?verbose', '/readyz', '/version'].map((p) => ask(api, p, {})),
  );
  assert.deepEqual(
    codes.map(({ code }) => code),
    [200, 200, 401, 401],
  );
  await assert.rejects(start({ 'authentication-config': path, 'anonymous-auth': true }), {
    message:
      'anonymous: Forbidden: --anonymous-auth flag cannot be set when anonymous field is configured in authentication configuration file',
  });
});

test('the token of a Secret – used and reviewed – authenticates its ServiceAccount, and its day of use is recorded', async () => {
  await using api = await start();
  const key = { namespace: 'default', name: 'build' };
  const { metadata } = await api.client.create(serviceAccounts, {
    metadata: key,
    secrets: [{ name: 'build-token' }],
  });
  const account = { ...key, uid: metadata.uid };
  const token = await configuredTokens(api.env, api.pki.serviceAccountKey).signLegacy(account, 'build-token');
  await api.client.create(secrets, {
    metadata: {
      namespace: 'default',
      name: 'build-token',
      annotations: {
        'kubernetes.io/service-account.name': 'build',
        'kubernetes.io/service-account.uid': metadata.uid,
      },
    },
    type: 'kubernetes.io/service-account-token',
    data: { token: Buffer.from(token).toString('base64') },
  });
  const answer = await ask(api, selfReviews, { authorization: `Bearer ${token}` });
  assert.equal(JSON.parse(answer.text).status.userInfo.username, 'system:serviceaccount:default:build');
  assert.match(
    String(answer.headers['warning']),
    /^299 - "Use tokens from the TokenRequest API or manually created/,
  );
  const today = new Date().toISOString().slice(0, 10);
  for (;;) {
    const secret = await api.client.get(secrets, { namespace: 'default', name: 'build-token' });
    if (secret.metadata.labels?.['kubernetes.io/legacy-token-last-used'] === today) break;
  }
});

test('the documents of OpenID – with issuers of the arguments – are cached for an hour, and name their key set', async () => {
  await using api = await start({
    'service-account-issuer': ['https://new', 'https://old'],
    'service-account-jwks-uri': 'https://new/keys',
  });
  const document = await ask(api, '/.well-known/openid-configuration', {}, api.pki.admin());
  assert.deepEqual(JSON.parse(document.text), {
    issuer: 'https://new',
    jwks_uri: 'https://new/keys',
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['ES256'],
  });
  assert.equal(document.headers['cache-control'], 'public, max-age=3600');
});
