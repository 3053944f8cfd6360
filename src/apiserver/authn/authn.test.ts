/**
 * All authenticators with real keys and certificates: which credentials make which user, and which are a 401.
 */

import 'reflect-metadata';
import assert from 'node:assert/strict';
import { createPrivateKey, webcrypto } from 'node:crypto';
import { describe, test } from 'node:test';
import * as x509 from '@peculiar/x509';
import { SignJWT } from 'jose';
import type { AnyObject } from '#api/meta/object.ts';
import { StatusError } from '#api/meta/status.ts';
import type { UserInfo } from '#api/meta/user.ts';
import { silentLog } from '#base/log.ts';
import type { ApiRequest } from '#client/transport/transport.ts';
import { systemClock, systemRandom } from '#host/system-env.ts';
import { generateKeyPem, pemBytes } from '#pki/certificate.ts';
import { ensurePki, memoryPkiStore } from '#pki/pki.ts';
import type { ObjectReader } from '../contract/stored-objects.ts';
import { anonymousAuthenticator } from './anonymous.ts';
import { apiTokens } from './api-tokens.ts';
import { bearerTokenAuthenticator } from './bearer-token-authenticator.ts';
import { clientCertificateAuthenticator } from './client-certificate.ts';
import { keySetPath, openIdDocument } from './openid.ts';
import { serviceAccountAuthenticator } from './service-account.ts';
import { serviceAccountTokens } from './service-account-tokens.ts';
import { staticTokens } from './static-tokens.ts';

function get(headers: Record<string, string> = {}): ApiRequest {
  return { method: 'GET', path: '/api', headers };
}

function readerOf(objects: Record<string, AnyObject>): ObjectReader {
  return {
    get: (type, namespace, name) => objects[`${type.resource}/${namespace}/${name}`],
    list: () => Object.values(objects),
  };
}

/** By the token `s3cret`. */
function ofTable(user: UserInfo) {
  return bearerTokenAuthenticator(apiTokens(staticTokens(new Map([['s3cret', user]])), ['api']), ['api']);
}

const is401 = (error: unknown) => error instanceof StatusError && error.code === 401;

test("a client certificate – of the cluster's authority – becomes a user; a foreign or expired one is rejected", async () => {
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
  assert.equal((await show(admin))?.name, 'kubernetes-admin');
  assert.equal((await show(admin))?.name, 'kubernetes-admin');
  nowMs += 400 * 24 * 3600 * 1000;
  assert.throws(() => show(admin), is401);
});

test('a pod-bound token – while its pod and account live, for its audience – authenticates', async () => {
  let nowMs = Date.now();
  const env = { clock: { ...systemClock, now: () => nowMs }, random: systemRandom, log: silentLog };
  const tokens = serviceAccountTokens({ env, privatePem: generateKeyPem() });
  const objects: Record<string, AnyObject> = {
    'serviceaccounts/ns/build': { metadata: { name: 'build', uid: 'sa-1' } },
    'pods/ns/p': { metadata: { name: 'p', uid: 'pod-1' } },
  };
  const kind = serviceAccountAuthenticator({ tokens, reader: readerOf(objects), clock: env.clock });
  const authenticator = bearerTokenAuthenticator(kind, tokens.apiAudiences);
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
  assert.equal((await kind.authenticate(forVault, ['vault']))?.user.name, user?.name);
  await assert.rejects(ask(`${token.slice(0, -6)}AAAAAA`), is401);
  for (const odd of [`${token}==`, `${token}=`, token.replace('.', '=.')]) {
    await assert.rejects(ask(odd), is401, odd);
  }

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

test('the published key set – used by another program – verifies a token', async () => {
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

test('a static token – names its user; anonymous takes only requests without credentials', async () => {
  const authenticator = ofTable({ name: 'jane', groups: ['dev'] });
  const user = await authenticator.authenticate(get({ authorization: 'Bearer s3cret' }), {});
  assert.deepEqual(user?.groups, ['dev', 'system:authenticated']);
  assert.throws(() => authenticator.authenticate(get({ authorization: 'Bearer other' }), {}), is401);
  const asProtocol = `v5.channel.k8s.io, base64url.bearer.authorization.k8s.io.${Buffer.from('s3cret').toString('base64url')}`;
  const protocols = { 'sec-websocket-protocol': asProtocol };
  const webSocket = { connection: 'keep-alive, Upgrade', upgrade: 'websocket' };
  const overWebSocket = await authenticator.authenticate(get({ ...webSocket, ...protocols }), {});
  assert.equal(overWebSocket?.name, 'jane');
  assert.equal(await authenticator.authenticate(get(protocols), {}), undefined);
  const alone = asProtocol.replace(/^.*, /, '');
  for (const wrong of [alone, `${asProtocol}, ${alone}`, `x, ${alone}!`]) {
    const request = get({ ...webSocket, 'sec-websocket-protocol': wrong });
    assert.throws(() => authenticator.authenticate(request, {}), is401, wrong);
  }
  assert.equal((await anonymousAuthenticator.authenticate(get(), {}))?.name, 'system:anonymous');
  assert.throws(() => anonymousAuthenticator.authenticate(get({ authorization: 'Bearer other' }), {}), is401);
});

/** A client certificate whose subject is just these. */
async function certificateOf(authority: { certPem: string; keyPem: string }, subject: x509.JsonName) {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const der = createPrivateKey(authority.keyPem).export({ type: 'pkcs8', format: 'der' });
  const keys = await webcrypto.subtle.generateKey(algorithm, false, ['sign', 'verify']);
  const certificate = await x509.X509CertificateGenerator.create(
    {
      subject,
      issuer: new x509.X509Certificate(authority.certPem).subject,
      publicKey: keys.publicKey,
      signingKey: await webcrypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign']),
      signingAlgorithm: algorithm,
      notBefore: new Date(Date.now() - 60_000),
      notAfter: new Date(Date.now() + 3_600_000),
      extensions: [new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth])],
    },
    webcrypto as unknown as Parameters<typeof x509.X509CertificateGenerator.create>[1],
  );
  return new Uint8Array(certificate.rawData);
}

test('a subject says more than one thing – the last name counts, every organisation, and one UID', async () => {
  const pki = await ensurePki({ clock: systemClock, random: systemRandom, store: memoryPkiStore() });
  const authenticator = clientCertificateAuthenticator({ caPem: pki.ca.certPem, clock: systemClock });
  const show = async (subject: x509.JsonName) => {
    const clientCertificate = await certificateOf(pki.ca, subject);
    return authenticator.authenticate(get(), { clientCertificate });
  };
  const uid = '1.3.6.1.4.1.57683.2';
  const user = await show([{ CN: ['first'] }, { O: ['a'] }, { CN: ['last'] }, { O: ['b'] }]);
  assert.equal(user?.name, 'last');
  assert.deepEqual(user?.groups, ['a', 'b', 'system:authenticated']);
  assert.equal(user?.uid, undefined);
  assert.equal((await show([{ CN: ['x'] }, { [uid]: ['7'] }]))?.uid, '7');
  await assert.rejects(show([{ CN: ['x'] }, { [uid]: ['7'] }, { [uid]: ['8'] }]), is401);
  assert.equal(await show([{ O: ['a'] }]), undefined);
});

describe('other schemes and odd spacing – are read as upstream reads them', () => {
  const authenticator = ofTable({ name: 'jane', groups: [] });
  const chain = (headers: Record<string, string>) =>
    authenticator.authenticate(get(headers), {}) ?? anonymousAuthenticator.authenticate(get(headers), {});
  const cases: [string, string][] = [
    ['Bearer s3cret', 'jane'],
    ['bEARER s3cret', 'jane'],
    ['  Bearer s3cret  ', 'jane'],
    ['Bearer s3cret and more', 'jane'],
    ['Bearer', 'system:anonymous'],
    ['Bearer  s3cret', 'system:anonymous'],
    ['Bearer\ts3cret', 'system:anonymous'],
    ['Basic amFuZTpwYXNz', 'system:anonymous'],
    ['s3cret', 'system:anonymous'],
    ['', 'system:anonymous'],
  ];
  for (const [authorization, name] of cases) {
    test(JSON.stringify(authorization), async () => {
      assert.equal((await chain({ authorization }))?.name, name);
    });
  }
});

test('a signed token with malformed private claims – is a 401', async () => {
  const env = { clock: systemClock, random: systemRandom, log: silentLog };
  const keyPem = generateKeyPem();
  const tokens = serviceAccountTokens({ env, privatePem: keyPem });
  const objects = { 'serviceaccounts/ns/build': { metadata: { name: 'build', uid: 'sa-1' } } };
  const kind = serviceAccountAuthenticator({ tokens, reader: readerOf(objects), clock: systemClock });
  const good = { namespace: 'ns', serviceaccount: { name: 'build', uid: 'sa-1' } };
  const { keys } = await tokens.keySet();
  const review = async (claims: unknown, more: Record<string, unknown> = {}) => {
    const token = await new SignJWT({ 'kubernetes.io': claims, ...more })
      .setProtectedHeader({ alg: 'ES256', kid: keys[0]!.kid! })
      .setAudience([...tokens.apiAudiences])
      .setIssuer(tokens.issuer)
      .setSubject('system:serviceaccount:ns:build')
      .setExpirationTime('1h')
      .sign(createPrivateKey(keyPem));
    const authenticator = bearerTokenAuthenticator(kind, tokens.apiAudiences);
    return authenticator.authenticate(get({ authorization: `Bearer ${token}` }), {});
  };
  assert.ok(await review({ ...good, pod: null, secret: null, node: null }));
  for (const wrong of [
    null,
    'text',
    7,
    [],
    {},
    { namespace: 'ns' },
    { ...good, namespace: null },
    { ...good, serviceaccount: null },
    { ...good, serviceaccount: 'build' },
    { ...good, pod: 'p' },
    { ...good, pod: {} },
    { ...good, secret: [1] },
    { ...good, node: { name: 5 } },
  ]) {
    await assert.rejects(review(wrong), is401, JSON.stringify(wrong));
  }
  await assert.rejects(review(good, { jti: 5 }), is401);
  await assert.rejects(review(good, { nbf: 'soon' }), is401);
});
