import assert from 'node:assert/strict';
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { describe, test } from 'node:test';
import { SignJWT } from 'jose';
import type { AnyObject } from '#api/meta/object.ts';
import { silentLog } from '#base/log.ts';
import { systemClock, systemRandom } from '#host/system-env.ts';
import { generateKeyPem } from '#pki/certificate.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { bearer, is401, outcomeOf, readerOf, requestWith } from '../../testing/authentication.ts';
import { bearerTokenAuthenticator } from '../bearer-token-authenticator.ts';
import { serviceAccountTokens } from '../service-account-tokens.ts';
import { serviceAccountAuthenticator } from './service-account.ts';

const nowMs = Date.parse('2026-05-05T12:00:00Z');
const account = { metadata: { name: 'build', uid: 'sa-1' } };
const userName = 'system:serviceaccount:ns:build';
const env = { clock: new VirtualClock(nowMs), random: systemRandom, log: silentLog };
const signer = serviceAccountTokens({ env, privatePem: generateKeyPem(), apiAudiences: ['api'] });

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
    const found = await outcomeOf(kind, token, audiences);
    if (problem !== undefined) assert.equal(found, problem);
    else assert.deepEqual((found as { user: { name: string } }).user.name, userName);
  });
}

test('ServiceAccount tokens – of an older key and an older issuer – are accepted while they are named', async (t) => {
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
  for (const [what, token] of [
    ['of the newest key', await sign(rotated)],
    ['of the older key and issuer', old],
    ['of an RSA key', ofRsa],
  ] as const) {
    await t.test(what, async () => {
      assert.equal((await kind.authenticate(token, ['api']))?.user.name, userName);
    });
  }
  assert.deepEqual(
    (await rotated.keySet()).keys.map(({ alg }) => alg),
    ['ES256', 'ES256', 'RS256'],
  );
  assert.ok((await rotated.keySet()).keys.every((key) => !('d' in key)));
  const after = make(newPem, ['https://new', 'https://old']);
  const strict = serviceAccountAuthenticator({ tokens: after, reader: readerOf(stored), clock: env.clock });
  assert.equal(await outcomeOf(strict, old), 'invalid signature, no keys found');
});

test('a bound token – of a request – names the account, its pod and itself', async () => {
  const kind = serviceAccountAuthenticator({ tokens: signer, reader: readerOf(stored), clock: env.clock });
  const authenticator = bearerTokenAuthenticator(kind, ['api']);
  const user = await authenticator.authenticate(requestWith(bearer(bound)), {});
  const { 'authentication.kubernetes.io/credential-id': credential, ...extra } = user?.extra ?? {};
  assert.deepEqual(
    { ...user, extra },
    {
      name: userName,
      uid: 'sa-1',
      groups: ['system:serviceaccounts', 'system:serviceaccounts:ns', 'system:authenticated'],
      extra: {
        'authentication.kubernetes.io/node-name': ['n'],
        'authentication.kubernetes.io/node-uid': ['node-1'],
        'authentication.kubernetes.io/pod-name': ['p'],
        'authentication.kubernetes.io/pod-uid': ['pod-1'],
      },
    },
  );
  assert.match(credential?.[0] ?? '', /^JTI=[0-9a-f-]{36}$/);
});

describe('a bound token – spelled with padding – is a 401', () => {
  const kind = serviceAccountAuthenticator({ tokens: signer, reader: readerOf(stored), clock: env.clock });
  const authenticator = bearerTokenAuthenticator(kind, ['api']);
  for (const [what, odd] of [
    ['two at the end', `${bound}==`],
    ['one at the end', `${bound}=`],
    ['one in the middle', bound.replace('.', '=.')],
  ] as const) {
    test(what, async () => {
      await assert.rejects(async () => authenticator.authenticate(requestWith(bearer(odd)), {}), is401);
    });
  }
});

test('a signed token – with malformed private claims – is a 401', async (t) => {
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
    return authenticator.authenticate(requestWith(bearer(token)), {});
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
    await t.test(JSON.stringify(wrong), async () => {
      await assert.rejects(review(wrong), is401);
    });
  }
  await assert.rejects(review(good, { jti: 5 }), is401);
  await assert.rejects(review(good, { nbf: 'soon' }), is401);
});
