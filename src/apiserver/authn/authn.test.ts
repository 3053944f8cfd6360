import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnyObject } from '#api/object.ts';
import { StatusError } from '#api/status.ts';
import { silentLog } from '#base/log.ts';
import type { ApiRequest } from '#client/transport.ts';
import { systemClock, systemRandom } from '#host/system-env.ts';
import type { ObjectReader } from '../contract.ts';
import { generateKeyPem, pemBytes } from '../pki/certificate.ts';
import { ensurePki, memoryPkiStore } from '../pki/pki.ts';
import { anonymousAuthenticator } from './anonymous.ts';
import { clientCertificateAuthenticator } from './client-certificate.ts';
import { keySetPath, openIdDocument } from './openid.ts';
import { serviceAccountAuthenticator, serviceAccountReviewer } from './service-account.ts';
import { serviceAccountTokens } from './service-account-tokens.ts';
import { staticTokenAuthenticator } from './static-tokens.ts';

function get(headers: Record<string, string> = {}): ApiRequest {
  return { method: 'GET', path: '/api', headers };
}

function readerOf(objects: Record<string, AnyObject>): ObjectReader {
  return {
    get: (type, namespace, name) => objects[`${type.resource}/${namespace}/${name}`],
    list: () => Object.values(objects),
  };
}

const is401 = (error: unknown) => error instanceof StatusError && error.code === 401;

test('a client certificate becomes a user; a foreign or expired one is refused', async () => {
  let nowMs = Date.now();
  const clock = { ...systemClock, now: () => nowMs };
  const pki = await ensurePki({ clock, random: systemRandom, store: memoryPkiStore() });
  const foreign = await ensurePki({ clock, random: systemRandom, store: memoryPkiStore() });
  const authenticator = clientCertificateAuthenticator({ caPem: pki.ca.certPem, clock });
  const show = (certPem: string) =>
    authenticator.authenticate(get(), { clientCertificate: pemBytes(certPem) });

  const user = await show(pki.node('n1').certPem);
  assert.equal(user?.name, 'system:node:n1');
  assert.deepEqual(user?.groups, ['system:nodes', 'system:authenticated']);
  assert.equal(await authenticator.authenticate(get(), {}), undefined);
  assert.throws(() => show(foreign.admin().certPem), is401);
  assert.throws(() => show(pki.server.certPem), is401);
  const admin = pki.admin().certPem;
  nowMs += 400 * 24 * 3600 * 1000;
  assert.throws(() => show(admin), is401);
});

test('a pod-bound token works while its pod and account live, and only for its audience', async () => {
  let nowMs = Date.now();
  const env = { clock: { ...systemClock, now: () => nowMs }, random: systemRandom, log: silentLog };
  const tokens = serviceAccountTokens({ env, privatePem: generateKeyPem() });
  const objects: Record<string, AnyObject> = {
    'serviceaccounts/ns/build': { metadata: { name: 'build', uid: 'sa-1' } },
    'pods/ns/p': { metadata: { name: 'p', uid: 'pod-1' } },
  };
  const reviewer = serviceAccountReviewer({ tokens, reader: readerOf(objects), clock: env.clock });
  const authenticator = serviceAccountAuthenticator(reviewer);
  const claims = {
    namespace: 'ns',
    serviceaccount: { name: 'build', uid: 'sa-1' },
    pod: { name: 'p', uid: 'pod-1' },
  };
  const signed = (audiences: readonly string[]) =>
    tokens.sign(claims, { audiences, lifeMs: 3_600_000, issuedAtMs: nowMs });
  const ask = async (token: string) =>
    authenticator.authenticate(get({ authorization: `Bearer ${token}` }), {});

  const token = await signed(tokens.apiAudiences);
  const user = await ask(token);
  assert.equal(user?.name, 'system:serviceaccount:ns:build');
  assert.deepEqual(user?.extra?.['authentication.kubernetes.io/pod-name'], ['p']);
  assert.match(user?.extra?.['authentication.kubernetes.io/credential-id']?.[0] ?? '', /^JTI=[0-9a-f-]{36}$/);
  const forVault = await signed(['vault']);
  await assert.rejects(ask(forVault), is401);
  assert.equal((await reviewer.review(forVault, ['vault']))?.user.name, user?.name);
  await assert.rejects(ask(`${token.slice(0, -6)}AAAAAA`), is401);

  objects['pods/ns/p'] = { metadata: { name: 'p', uid: 'another' } };
  await assert.rejects(ask(token), is401);
  objects['pods/ns/p'] = { metadata: { name: 'p', uid: 'pod-1' } };
  const issuedMs = nowMs;
  for (const [offMs, isGood] of [
    [-30_000, true],
    [-90_000, false],
    [3_600_000 + 30_000, true],
    [3_600_000 + 90_000, false],
  ] as const) {
    nowMs = issuedMs + offMs;
    if (isGood) assert.ok(await ask(token));
    else await assert.rejects(ask(token), is401, `${offMs} ms after it was issued`);
  }
});

test('another holder of the published key set can verify a token', async () => {
  const env = { clock: systemClock, random: systemRandom, log: silentLog };
  const tokens = serviceAccountTokens({ env, privatePem: generateKeyPem() });
  const document = await openIdDocument(tokens, keySetPath, 'https://localhost');
  const { createLocalJWKSet, jwtVerify } = await import('jose');
  const token = await tokens.sign(
    { namespace: 'a', serviceaccount: { name: 'b', uid: 'c' } },
    { audiences: ['x'], lifeMs: 600_000, issuedAtMs: Date.now() },
  );
  const keySet = createLocalJWKSet(document?.body as Awaited<ReturnType<typeof tokens.keySet>>);
  const { payload } = await jwtVerify(token, keySet, { audience: 'x', issuer: tokens.issuer });
  assert.equal(payload.sub, 'system:serviceaccount:a:b');
});

test('static tokens name their user; anonymous takes only requests without credentials', async () => {
  const authenticator = staticTokenAuthenticator(new Map([['s3cret', { name: 'jane', groups: ['dev'] }]]));
  const user = await authenticator.authenticate(get({ authorization: 'Bearer s3cret' }), {});
  assert.deepEqual(user?.groups, ['dev', 'system:authenticated']);
  assert.equal(await authenticator.authenticate(get({ authorization: 'Bearer other' }), {}), undefined);
  const asProtocol = `v5.channel.k8s.io, base64url.bearer.authorization.k8s.io.${Buffer.from('s3cret').toString('base64url')}`;
  const overWebSocket = await authenticator.authenticate(get({ 'sec-websocket-protocol': asProtocol }), {});
  assert.equal(overWebSocket?.name, 'jane');
  assert.equal((await anonymousAuthenticator.authenticate(get(), {}))?.name, 'system:anonymous');
  assert.throws(() => anonymousAuthenticator.authenticate(get({ authorization: 'Bearer other' }), {}), is401);
});
