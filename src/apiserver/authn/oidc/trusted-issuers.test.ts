/** Tokens of an issuer on the loopback: by flags, by a file, with expressions, with changed keys and a changed file. */

import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { SignJWT } from 'jose';
import { Registry } from 'prom-client';
import type { ApiServerArguments } from '#api/configuration/api-server-arguments.ts';
import { silentLog } from '#base/log.ts';
import { systemClock } from '#host/system-env.ts';
import { startTestWebhook } from '#testing/server/webhook-server.ts';
import { toYaml } from '#wire/yaml/write/to-yaml.ts';
import { BadToken } from '../../contract/authentication.ts';
import { JwtMetrics } from './jwt-metrics.ts';
import { TrustedIssuers } from './trusted-issuers.ts';

const keyPairs = [0, 1].map(() => generateKeyPairSync('rsa', { modulusLength: 2048 }));
const jwkOf = (key: KeyObject, kid: string) => ({ ...key.export({ format: 'jwk' }), kid, use: 'sig' });

async function issuerOnLoopback(t: TestContext) {
  const keys = [jwkOf(keyPairs[0]!.publicKey, 'k0')];
  const server = await startTestWebhook(({ url }) =>
    url === '/keys' ? { keys } : { issuer: server.url, jwks_uri: `${server.url}/keys` },
  );
  t.after(() => server[Symbol.asyncDispose]());
  const sign = (claims: object, index = 0) =>
    new SignJWT({ iss: server.url, aud: 'kube', sub: 'jane', exp: Date.now() / 1000 + 600, ...claims })
      .setProtectedHeader({ alg: 'RS256', kid: `k${index}` })
      .sign(keyPairs[index]!.privateKey);
  return { server, keys, sign };
}

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'oidc-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

async function started(
  t: TestContext,
  args: ApiServerArguments,
  metrics?: JwtMetrics,
): Promise<TrustedIssuers> {
  const env = { clock: systemClock, log: silentLog };
  const issuers = new TrustedIssuers({
    env,
    arguments: args,
    disallowedIssuers: [],
    ...(metrics ? { metrics } : {}),
  });
  t.after(() => issuers.stop());
  issuers.start();
  return issuers;
}

async function outcome(issuers: TrustedIssuers, token: string): Promise<unknown> {
  for (;;) {
    try {
      return await issuers.userOf(token);
    } catch (error) {
      if (!(error instanceof BadToken)) throw error;
      if (error.message !== 'oidc: authenticator not initialized') return error.message;
      await setTimeout(5);
    }
  }
}

test('an issuer – by flags – names users by its claims, with prefixes', async (t) => {
  const { server, sign } = await issuerOnLoopback(t);
  const caFile = join(folderOf(t), 'ca.pem');
  writeFileSync(caFile, server.caPem);
  const issuers = await started(t, {
    'oidc-issuer-url': server.url,
    'oidc-client-id': 'kube',
    'oidc-ca-file': caFile,
    'oidc-groups-claim': 'roles',
    'oidc-groups-prefix': 'corp:',
    'oidc-required-claim': { hd: 'example.com' },
  });
  const good = { hd: 'example.com', roles: ['dev', 'ops'], jti: 'id-1' };
  assert.deepEqual(await outcome(issuers, await sign(good)), {
    name: `${server.url}#jane`,
    groups: ['corp:dev', 'corp:ops'],
    extra: { 'authentication.kubernetes.io/credential-id': ['JTI=id-1'] },
  });
  const verify = 'oidc: verify token: ';
  // biome-ignore format: a table
  const bad: [claims: object, problem: string][] = [
    [{ ...good, aud: ['other', 'more'] }, `${verify}oidc: expected audience "kube" got ["other" "more"]`],
    [{ ...good, exp: 1_700_000_000 }, `${verify}oidc: token is expired (Token Expiry: 2023-11-14 22:13:20 +0000 UTC)`],
    [{ ...good, hd: 'evil.com' }, 'oidc: required claim hd value does not match. Got = evil.com, want = example.com'],
    [{ ...good, hd: undefined }, 'oidc: required claim hd not present in ID token'],
    [{ ...good, hd: 7 }, 'oidc: parse claim hd: json: cannot unmarshal number into Go value of type string'],
    [{ ...good, roles: 7 }, 'oidc: parse groups claim "roles": json: cannot unmarshal number into Go value of type string'],
    [{ ...good, sub: undefined }, 'oidc: parse username claims "sub": claim not present'],
  ];
  for (const [claims, problem] of bad) {
    await t.test(problem, async () => {
      assert.equal(await outcome(issuers, await sign(claims)), problem);
    });
  }
  assert.equal(await outcome(issuers, await sign({ iss: 'https://other' })), undefined);
  assert.equal(await outcome(issuers, 'no.jwt'), undefined);
  assert.deepEqual(
    ((await outcome(issuers, await sign({ ...good, roles: 'dev' }))) as { groups: string[] }).groups,
    ['corp:dev'],
  );
});

test('a token whose groups are elsewhere – has those of the source that it names, verified by their issuer', async (t) => {
  const { server, sign } = await issuerOnLoopback(t);
  const source = await issuerOnLoopback(t);
  const caFile = join(folderOf(t), 'ca.pem');
  writeFileSync(caFile, server.caPem + source.server.caPem);
  const registry = new Registry();
  const issuers = await started(
    t,
    {
      'oidc-issuer-url': server.url,
      'oidc-client-id': 'kube',
      'oidc-ca-file': caFile,
      'oidc-groups-claim': 'groups',
    },
    new JwtMetrics(registry),
  );
  const issuerDocuments = source.server.reply;
  let served = '';
  let isFound = true;
  source.server.reply = (request, response) => {
    if (request.url !== '/groups') return issuerDocuments(request, response);
    const mayRead = request.headers.authorization === 'Bearer secret';
    response.writeHead(isFound && mayRead ? 200 : 404).end(served);
    return undefined;
  };
  const endpoint = `${source.server.url}/groups`;
  const token = await sign({
    _claim_names: { groups: 'a' },
    _claim_sources: { a: { endpoint, access_token: 'secret' } },
  });
  served = await source.sign({ groups: ['team'] });
  const failed = 'oidc: could not expand distributed claims: ';
  assert.equal(
    await outcome(issuers, token),
    `${failed}verifying untrusted issuer ${source.server.url} failed: verifier not initialized for issuer: "${source.server.url}"`,
  );
  let found = await outcome(issuers, token);
  for (; typeof found === 'string'; found = await outcome(issuers, token)) await setTimeout(5);
  assert.deepEqual((found as { groups: string[] }).groups, ['team']);
  const fails = async (what: string, claims: object) => {
    served = await source.sign(claims);
    assert.equal(await outcome(issuers, token), failed + what);
  };
  await fails('verify distributed claim token: oidc: expected audience "kube" got ["x"]', {
    aud: 'x',
    groups: ['t'],
  });
  await fails(`jwt returned by distributed claim endpoint "${endpoint}" did not contain claim: groups`, {});
  isFound = false;
  await fails('while getting distributed claim "groups": error while getting distributed claim JWT: 404', {});
  const lost = await sign({ _claim_names: { groups: 'b' }, _claim_sources: {} });
  assert.equal(
    await outcome(issuers, lost),
    `${failed}id token _claim_names contained a source b missing in _claims_sources`,
  );
  const text = await registry.metrics();
  const prefix = 'apiserver_authentication_jwt_authenticator';
  for (const sample of [
    `${prefix}_latency_seconds_count{result="success",jwt_issuer_hash="sha256:[0-9a-f]{64}"} 1`,
    `${prefix}_jwks_fetch_last_timestamp_seconds{result="success",jwt_issuer_hash="sha256:[0-9a-f]{64}",apiserver_id_hash=""} \\d`,
    `${prefix}_jwks_fetch_last_key_set_info{jwt_issuer_hash="sha256:[0-9a-f]{64}",apiserver_id_hash="",hash="sha256:[0-9a-f]{64}"} 1`,
  ]) {
    assert.match(text, new RegExp(`^${sample.replaceAll('{', '\\{').replaceAll('\\{64}', '{64}')}`, 'm'));
  }
});

test('the keys of an issuer – that change – are read again for a token they have not signed', async (t) => {
  const { server, keys, sign } = await issuerOnLoopback(t);
  const caFile = join(folderOf(t), 'ca.pem');
  writeFileSync(caFile, server.caPem);
  const issuers = await started(t, {
    'oidc-issuer-url': server.url,
    'oidc-client-id': 'kube',
    'oidc-ca-file': caFile,
    'oidc-username-prefix': '-',
  });
  const reads = () => server.asked.filter(({ url }) => url === '/keys').length;
  assert.deepEqual(await outcome(issuers, await sign({})), { name: 'jane', groups: [] });
  assert.deepEqual(await outcome(issuers, await sign({ sub: 'joe' })), { name: 'joe', groups: [] });
  assert.equal(reads(), 1);
  const notSigned = 'oidc: verify token: failed to verify signature: failed to verify id token signature';
  const early = await sign({}, 1);
  assert.equal(await outcome(issuers, early), notSigned);
  keys.push(jwkOf(keyPairs[1]!.publicKey, 'k1'));
  for (;;) {
    const found = await outcome(issuers, early);
    if (found !== notSigned) {
      assert.deepEqual(found, { name: 'jane', groups: [] });
      break;
    }
    await setTimeout(20);
  }
  const forged = await sign({ sub: 'admin' });
  assert.equal(await outcome(issuers, forged.replace(/.{8}$/, 'AAAAAAAA')), notSigned);
  assert.ok(reads() >= 2 && reads() <= 4, `${reads()} reads`);
});

test('an issuer – by a file, with expressions – maps claims and refuses by rules, until the file changes', async (t) => {
  const { server, sign } = await issuerOnLoopback(t);
  const path = join(folderOf(t), 'authentication.yaml');
  const write = (changes: object, anonymous: object = { enabled: true, conditions: [{ path: '/livez' }] }) =>
    writeFileSync(
      path,
      toYaml({
        apiVersion: 'apiserver.config.k8s.io/v1',
        kind: 'AuthenticationConfiguration',
        anonymous,
        jwt: [
          {
            issuer: {
              url: server.url,
              audiences: ['kube', 'other'],
              audienceMatchPolicy: 'MatchAny',
              certificateAuthority: server.caPem,
            },
            claimMappings: {
              username: { expression: '"corp:" + claims.sub' },
              groups: { expression: 'claims.?roles.orValue("").split(",")' },
              uid: { claim: 'oid' },
              extra: [{ key: 'example.com/tenant', valueExpression: 'claims.tenant' }],
            },
            claimValidationRules: [{ expression: 'claims.tenant != "evil"', message: 'no evil tenants' }],
            userValidationRules: [
              { expression: '!user.username.startsWith("corp:system:")', message: 'reserved' },
            ],
            ...changes,
          },
        ],
      }),
    );
  write({});
  const issuers = await started(t, { 'authentication-config': path });
  assert.deepEqual(issuers.anonymous, { enabled: true, conditions: [{ path: '/livez' }] });
  const good = { oid: 'u-1', tenant: 'blue', roles: 'dev,ops', aud: 'other' };
  assert.deepEqual(await outcome(issuers, await sign(good)), {
    name: 'corp:jane',
    uid: 'u-1',
    groups: ['dev', 'ops'],
    extra: { 'example.com/tenant': ['blue'] },
  });
  // biome-ignore format: a table
  const bad: [claims: object, problem: string][] = [
    [{ ...good, aud: 'x' }, 'oidc: verify token: oidc: expected audience in ["kube" "other"] got ["x"]'],
    [{ ...good, tenant: 'evil' }, `oidc: error evaluating claim validation expression: validation expression 'claims.tenant != "evil"' failed: no evil tenants`],
    [{ ...good, sub: 'system:admin' }, `oidc: error evaluating user info validation rule: validation expression '!user.username.startsWith("corp:system:")' failed: reserved`],
    [{ ...good, tenant: 7 }, 'oidc: error evaluating extra claim expression: claims.tenant: expression must return a string or a list of strings'],
    [{ ...good, tenant: undefined }, `expression 'claims.tenant' resulted in error: no such key: tenant`],
  ];
  for (const [claims, problem] of bad) {
    await t.test(problem, async () => {
      assert.equal(await outcome(issuers, await sign(claims)), problem);
    });
  }

  const token = await sign(good);
  // An invalid file changes nothing, nor does a file with another `anonymous` section.
  writeFileSync(path, 'kind: x');
  write({}, { enabled: true });
  write({ claimMappings: { username: { claim: 'sub', prefix: 'new:' } }, claimValidationRules: [] });
  for (;;) {
    const user = (await outcome(issuers, token)) as { name: string };
    if (user.name === 'new:jane') break;
    assert.equal(user.name, 'corp:jane');
    await setTimeout(50);
  }
});

// biome-ignore format: a table
for (const [args, message] of [
  [{ 'oidc-issuer-url': 'https://x' }, 'oidc-issuer-url and oidc-client-id must be specified together when any oidc-* flags are set'],
  [{ 'oidc-issuer-url': 'https://x', 'oidc-client-id': 'a', 'oidc-signing-algs': ['HS256'] }, 'oidc: unsupported signing alg: "HS256"'],
  [{ 'oidc-issuer-url': 'http://x', 'oidc-client-id': 'a' }, 'invalid authentication configuration: jwt[0].issuer.url: Invalid value: "http://x": URL scheme must be https'],
  [{ 'oidc-issuer-url': 'https://x', 'authentication-config': '/none' }, 'authentication-config file and oidc-* flags are mutually exclusive'],
] as [ApiServerArguments, string][]) {
  test(`issuers – ${Object.entries(args).join(' ')} – are refused`, () => {
    const env = { clock: systemClock, log: silentLog };
    assert.throws(() => new TrustedIssuers({ env, arguments: args, disallowedIssuers: [] }), { message });
  });
}
