import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { silentLog } from '#base/log.ts';
import { systemClock, systemRandom } from '#host/system-env.ts';
import { generateKeyPem } from '#pki/certificate.ts';
import { keySetPath, openIdDocument } from './openid.ts';
import { serviceAccountTokens } from './service-account-tokens.ts';

test('the published key set – used by another program – verifies a token', async () => {
  const env = { clock: systemClock, random: systemRandom, log: silentLog };
  const tokens = serviceAccountTokens({ env, privatePem: generateKeyPem() });
  const document = await openIdDocument(tokens, keySetPath, 'https://localhost');
  const token = await tokens.sign(
    { namespace: 'a', serviceaccount: { name: 'b', uid: 'c' } },
    { audiences: ['x'], lifeMs: 600_000, issuedAtMs: Date.now() },
  );
  const keySet = createLocalJWKSet(document?.body as Awaited<ReturnType<typeof tokens.keySet>>);
  const { payload } = await jwtVerify(token, keySet, { audience: 'x', issuer: tokens.issuer });
  assert.equal(payload.sub, 'system:serviceaccount:a:b');
});
