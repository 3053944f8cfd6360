/** Kinds of bearer tokens, one after the other: whom each names, and what is wrong with a bad one, in upstream's words. */

import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import type { AnyObject } from '#api/meta/object.ts';
import { silentLog } from '#base/log.ts';
import { systemRandom } from '#host/system-env.ts';
import { generateKeyPem } from '#pki/certificate.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { BadToken, type TokenAuthenticator } from '../contract/authentication.ts';
import type { ObjectReader } from '../contract/stored-objects.ts';
import { apiTokens } from './api-tokens.ts';
import { bootstrapTokens } from './bootstrap-token.ts';
import { legacyTokens } from './legacy-tokens.ts';
import { serviceAccountAuthenticator } from './service-account.ts';
import { serviceAccountTokens } from './service-account-tokens.ts';
import { cachedTokens } from './token-cache.ts';
import { tokenUnion } from './token-union.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const nowMs = Date.parse('2026-05-05T12:00:00Z');

function readerOf(objects: Record<string, AnyObject>): ObjectReader {
  return {
    get: (type, namespace, name) => objects[`${type.resource}/${namespace}/${name}`],
    list: () => Object.values(objects),
  };
}

async function outcome(kind: TokenAuthenticator, token: string, audiences = ['api']): Promise<unknown> {
  try {
    return await kind.authenticate(token, audiences);
  } catch (error) {
    if (error instanceof BadToken) return error.message;
    throw error;
  }
}

const bootstrapToken = 'abcdef.0123456789abcdef';
const bootstrapData = {
  'token-id': base64('abcdef'),
  'token-secret': base64('0123456789abcdef'),
  'usage-bootstrap-authentication': base64('true'),
};
const bootstrapSecret = { type: 'bootstrap.kubernetes.io/token', metadata: {}, data: bootstrapData };

// biome-ignore format: a table
const bootstrapRows: [what: string, secret: AnyObject | undefined, groups: string[] | undefined][] = [
  ['as it should be', bootstrapSecret, ['system:bootstrappers', 'system:authenticated']],
  ['with groups', { ...bootstrapSecret, data: { ...bootstrapData, 'auth-extra-groups': base64('system:bootstrappers:b,system:bootstrappers:a') } }, ['system:bootstrappers', 'system:bootstrappers:a', 'system:bootstrappers:b', 'system:authenticated']],
  ['with a foreign group', { ...bootstrapSecret, data: { ...bootstrapData, 'auth-extra-groups': base64('system:masters') } }, undefined],
  ['not yet expired', { ...bootstrapSecret, data: { ...bootstrapData, expiration: base64('2026-05-05T12:00:01Z') } }, ['system:bootstrappers', 'system:authenticated']],
  ['expired', { ...bootstrapSecret, data: { ...bootstrapData, expiration: base64('2026-05-05T13:00:00+01:00') } }, undefined],
  ['with no time as its end', { ...bootstrapSecret, data: { ...bootstrapData, expiration: base64('tomorrow') } }, undefined],
  ['for signing only', { ...bootstrapSecret, data: { ...bootstrapData, 'usage-bootstrap-authentication': base64('false') } }, undefined],
  ['of another secret', { ...bootstrapSecret, data: { ...bootstrapData, 'token-secret': base64('0123456789abcdeX') } }, undefined],
  ['of another id', { ...bootstrapSecret, data: { ...bootstrapData, 'token-id': base64('abcdeg') } }, undefined],
  ['of another type', { ...bootstrapSecret, type: 'Opaque' }, undefined],
  ['terminating', { ...bootstrapSecret, metadata: { deletionTimestamp: '2026-05-05T12:00:00Z' } }, undefined],
  ['missing', undefined, undefined],
];
for (const [what, secret, groups] of bootstrapRows) {
  test(`a bootstrap token – its Secret ${what} – ${groups ? 'names a joining node' : 'names no one'}`, async () => {
    const clock = new VirtualClock(nowMs);
    const reader = readerOf(secret ? { 'secrets/kube-system/bootstrap-token-abcdef': secret } : {});
    const kind = apiTokens(bootstrapTokens(reader, clock), ['api']);
    const known = groups && { user: { name: 'system:bootstrap:abcdef', groups }, audiences: ['api'] };
    assert.deepEqual(await outcome(kind, bootstrapToken), known);
    assert.equal(await outcome(kind, bootstrapToken, ['vault']), undefined);
    assert.equal(await outcome(kind, `${bootstrapToken}0`), undefined);
  });
}

const build = { namespace: 'ns', name: 'build', uid: 'sa-1' };
const account = { metadata: { name: 'build', uid: 'sa-1' } };
const env = { clock: new VirtualClock(nowMs), random: systemRandom, log: silentLog };
const signer = serviceAccountTokens({ env, privatePem: generateKeyPem(), apiAudiences: ['api'] });
const legacy = await signer.signLegacy(build, 'build-token');
const legacyUser = {
  name: 'system:serviceaccount:ns:build',
  uid: 'sa-1',
  groups: ['system:serviceaccounts', 'system:serviceaccounts:ns', 'system:authenticated'],
};
const secretWith = (metadata: object, token = legacy) => ({
  metadata: { name: 'build-token', ...metadata },
  data: { token: base64(token) },
});
const autoGenerated =
  'Use tokens from the TokenRequest API or manually created secret-based tokens instead of auto-generated secret-based tokens.';

// biome-ignore format: a table
const legacyRows: [what: string, secret: AnyObject | undefined, account: AnyObject | undefined, found: unknown, labelled: boolean][] = [
  ['whose Secret is there', secretWith({}), account, { user: legacyUser, audiences: ['api'] }, true],
  ['used today', secretWith({ labels: { 'kubernetes.io/legacy-token-last-used': '2026-05-05' } }), account, { user: legacyUser, audiences: ['api'] }, false],
  ['used tomorrow, by another server', secretWith({ labels: { 'kubernetes.io/legacy-token-last-used': '2026-05-06' } }), account, { user: legacyUser, audiences: ['api'] }, false],
  ['used yesterday', secretWith({ labels: { 'kubernetes.io/legacy-token-last-used': '2026-05-04' } }), account, { user: legacyUser, audiences: ['api'] }, true],
  ['that was made by itself', secretWith({}), { ...account, secrets: [{ name: 'build-token' }] }, { user: legacyUser, audiences: ['api'], warning: autoGenerated }, true],
  ['whose Secret is gone', undefined, account, 'Token has been invalidated', false],
  ['whose Secret is terminating', secretWith({ deletionTimestamp: '2026-05-05T12:00:00Z' }), account, 'Token has been invalidated', false],
  ['that is not the one of its Secret', secretWith({}, 'other'), account, "Token does not match server's copy", false],
  ['whose account is gone', secretWith({}), undefined, 'serviceaccounts "build" not found', false],
  ['whose account is terminating', secretWith({}), { metadata: { uid: 'sa-1', deletionTimestamp: '2026-05-05T12:00:00Z' } }, 'ServiceAccount ns/build has been deleted', false],
  ['whose account is another one', secretWith({}), { metadata: { uid: 'sa-2' } }, 'ServiceAccount UID (sa-2) does not match claim (sa-1)', false],
  ['that was marked invalid', secretWith({ labels: { 'kubernetes.io/legacy-token-invalid-since': '2026-01-01' } }), account, "the token in secret ns/build-token for service account ns/build has been marked invalid. Use tokens from the TokenRequest API or manually created secret-based tokens, or remove the 'kubernetes.io/legacy-token-invalid-since' label from the secret to temporarily allow use of this token", true],
];
for (const [what, secret, storedAccount, found, isLabelled] of legacyRows) {
  test(`a legacy token – ${what} – is answered as upstream does`, async () => {
    const labels: unknown[] = [];
    const objects = {
      ...(secret ? { 'secrets/ns/build-token': secret } : {}),
      ...(storedAccount ? { 'serviceaccounts/ns/build': storedAccount } : {}),
    };
    const label = async (_: unknown, wanted: unknown) => labels.push(wanted);
    const kind = legacyTokens({ tokens: signer, reader: readerOf(objects), env, label });
    assert.deepEqual(await outcome(kind, legacy), found);
    assert.deepEqual(labels, isLabelled ? [{ 'kubernetes.io/legacy-token-last-used': '2026-05-05' }] : []);
  });
}

const claims = { namespace: 'ns', serviceaccount: { name: 'build', uid: 'sa-1' } };
const bound = await signer.sign(
  { ...claims, pod: { name: 'p', uid: 'pod-1' }, node: { name: 'n', uid: 'node-1' } },
  { audiences: ['api', 'vault'], lifeMs: 3_600_000, issuedAtMs: nowMs },
);
const ofNode = await signer.sign(
  { ...claims, node: { name: 'n', uid: 'node-1' } },
  { audiences: ['api'], lifeMs: 3_600_000, issuedAtMs: nowMs },
);
const stored = {
  'serviceaccounts/ns/build': account,
  'pods/ns/p': { metadata: { name: 'p', uid: 'pod-1' } },
  'nodes//n': { metadata: { name: 'n', uid: 'node-1' } },
};
const gone = { deletionTimestamp: '2026-05-05T11:58:59Z' };

// biome-ignore format: a table
const boundRows: [what: string, token: string, changes: Record<string, AnyObject | undefined>, afterMs: number, audiences: string[], problem: string | undefined][] = [
  ['as it was issued', bound, {}, 0, ['vault', 'x'], undefined],
  ['whose node is gone', bound, { 'nodes//n': undefined }, 0, ['api'], undefined],
  ['for others only', bound, {}, 0, ['x'], 'token audiences ["api" "vault"] is invalid for the target audiences ["x"]'],
  ['after its end', bound, {}, 3_661_000, ['api'], 'service account token has expired'],
  ['before its begin', bound, {}, -61_000, ['api'], 'service account token is not valid yet'],
  ['without its account', bound, { 'serviceaccounts/ns/build': undefined }, 0, ['api'], 'serviceaccounts "build" not found'],
  ['of another account', bound, { 'serviceaccounts/ns/build': { metadata: { uid: 'x' } } }, 0, ['api'], 'service account UID (x) does not match claim (sa-1)'],
  ['of a terminated account', bound, { 'serviceaccounts/ns/build': { metadata: { uid: 'sa-1', ...gone } } }, 0, ['api'], 'service account ns/build has been deleted'],
  ['without its pod', bound, { 'pods/ns/p': undefined }, 0, ['api'], 'service account token has been invalidated'],
  ['of another pod', bound, { 'pods/ns/p': { metadata: { uid: 'x' } } }, 0, ['api'], 'pod UID (x) does not match service account pod ref claim (pod-1)'],
  ['of a terminated pod', bound, { 'pods/ns/p': { metadata: { uid: 'pod-1', ...gone } } }, 0, ['api'], 'service account token has been invalidated'],
  ['of a terminating pod', bound, { 'pods/ns/p': { metadata: { uid: 'pod-1', deletionTimestamp: '2026-05-05T11:59:30Z' } } }, 0, ['api'], undefined],
  ['bound to a node', ofNode, {}, 0, ['api'], undefined],
  ['of another node', ofNode, { 'nodes//n': { metadata: { uid: 'x' } } }, 0, ['api'], 'node UID (x) does not match service account node ref claim (node-1)'],
  ['without its node', ofNode, { 'nodes//n': undefined }, 0, ['api'], 'service account token has been invalidated'],
  ['with another signature', `${bound.slice(0, -8)}AAAAAAAA`, {}, 0, ['api'], 'go-jose/go-jose: error in cryptographic primitive'],
];
for (const [what, token, changes, afterMs, audiences, problem] of boundRows) {
  test(`a bound token – ${what} – ${problem ?? 'is accepted'}`, async () => {
    const clock = new VirtualClock(nowMs + afterMs);
    const reader = readerOf({ ...stored, ...changes } as Record<string, AnyObject>);
    const kind = serviceAccountAuthenticator({ tokens: signer, reader, clock });
    const found = await outcome(kind, token, audiences);
    if (problem !== undefined) assert.equal(found, problem);
    else assert.deepEqual((found as { user: { name: string } }).user.name, legacyUser.name);
  });
}

test('ServiceAccount tokens – of an older key and an older issuer – are accepted while they are named', async () => {
  const [oldPem, newPem] = [generateKeyPem(), generateKeyPem()];
  const rsa = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const make = (privatePem: string, issuers: string[], publicPems?: string[]) =>
    serviceAccountTokens({
      env,
      privatePem,
      issuers,
      apiAudiences: ['api'],
      ...(publicPems ? { publicPems } : {}),
    });
  const sign = (tokens: typeof signer) =>
    tokens.sign(claims, { audiences: ['api'], lifeMs: 600_000, issuedAtMs: nowMs });
  const old = await sign(make(oldPem, ['https://old']));
  const ofRsa = await sign(make(rsa.privateKey, ['https://new']));
  const rotated = make(newPem, ['https://new', 'https://old'], [newPem, oldPem + rsa.publicKey]);
  const kind = serviceAccountAuthenticator({ tokens: rotated, reader: readerOf(stored), clock: env.clock });
  for (const token of [await sign(rotated), old, ofRsa]) {
    assert.equal((await kind.authenticate(token, ['api']))?.user.name, legacyUser.name);
  }
  assert.deepEqual(
    (await rotated.keySet()).keys.map(({ alg }) => alg),
    ['ES256', 'ES256', 'RS256'],
  );
  assert.ok((await rotated.keySet()).keys.every((key) => !('d' in key)));
  const after = make(newPem, ['https://new', 'https://old']);
  const strict = serviceAccountAuthenticator({ tokens: after, reader: readerOf(stored), clock: env.clock });
  assert.equal(await outcome(strict, old), 'invalid signature, no keys found');
});

test('a union – of kinds that find a token bad – asks the others, and says each text once', async () => {
  const bad = (message: string): TokenAuthenticator => ({
    name: message,
    authenticate: async () => {
      throw new BadToken(message);
    },
  });
  const none: TokenAuthenticator = { name: 'none', authenticate: () => undefined };
  const good: TokenAuthenticator = {
    name: 'good',
    authenticate: () => ({ user: { name: 'jane', groups: [] }, audiences: [] }),
  };
  assert.equal(await outcome(tokenUnion([bad('a'), none, bad('b'), bad('a')]), 't'), '[a, b]');
  assert.equal(await outcome(tokenUnion([bad('a'), bad('a')]), 't'), 'a');
  assert.equal(await outcome(tokenUnion([none]), 't'), undefined);
  assert.equal(
    ((await outcome(tokenUnion([bad('a'), none, good]), 't')) as { user: { name: string } }).user.name,
    'jane',
  );
  assert.equal(await outcome(tokenUnion([bad('a'), good], { stopsAtError: true }), 't'), 'a');
});

test('a cache – of a distant kind – asks once while it lasts, and never keeps an error', async () => {
  const clock = new VirtualClock(nowMs);
  let asked = 0;
  const kind: TokenAuthenticator = {
    name: 'distant',
    async authenticate(token) {
      asked++;
      if (token === 'bad') throw new BadToken('bad');
      return token === 'good' ? { user: { name: 'jane', groups: [] }, audiences: ['api'] } : undefined;
    },
  };
  const cached = cachedTokens(kind, { env: { clock, random: systemRandom }, knownMs: 1000, unknownMs: 500 });
  const ask = (token: string, audiences = ['api']) => outcome(cached, token, audiences);
  await Promise.all([ask('good'), ask('good')]);
  await ask('good');
  assert.equal(asked, 1);
  await ask('good', ['vault']);
  assert.equal(asked, 2);
  await ask('other');
  await ask('other');
  assert.equal(asked, 3);
  assert.deepEqual([await ask('bad'), await ask('bad')], ['bad', 'bad']);
  assert.equal(asked, 5);
  await clock.advance(600);
  await Promise.all([ask('good'), ask('other')]);
  assert.equal(asked, 6);
});
