import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { type TestContext, test } from 'node:test';
import type { ProviderToken } from '#api/configuration/kubelet/credential-providers.ts';
import { silentLog } from '#base/log.ts';
import { systemRandom } from '#host/system-env.ts';
import { storedPod } from '#testing/objects.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { CredentialProviders } from './credential-providers.ts';
import type { AccountSource } from './provided-account.ts';

const apiVersion = 'credentialprovider.kubelet.k8s.io/v1';
const response = {
  kind: 'CredentialProviderResponse',
  apiVersion,
  cacheKeyType: 'Registry',
  auth: {
    'a.example.com': { username: 'whole', password: 'p' },
    'a.example.com/team': { username: 'team', password: 'p' },
    'b.example.com': { username: 'other', password: 'p' },
    'a.example.com/x': 'nonsense',
  },
};

const role = 'example.com/role';
const token: ProviderToken = {
  audience: 'registry',
  cacheType: 'ServiceAccount',
  isRequired: true,
  requiredAnnotations: [role],
  optionalAnnotations: ['team'],
};

/** A program that notes each request and answers with `answer`; its pods' ServiceAccount `runner` has the annotations. */
function setUp(t: TestContext, answer: unknown, script = '', wanted?: ProviderToken) {
  const dir = mkdtempSync(`${tmpdir()}/kybern-providers-`);
  t.after(() => rmSync(dir, { recursive: true }));
  writeFileSync(`${dir}/answer`, typeof answer === 'string' ? answer : JSON.stringify(answer));
  writeFileSync(`${dir}/requests`, '');
  const program = `#!/bin/sh\n{ cat; echo " $1 $WORD"; } >>${dir}/requests\n${script}\ncat ${dir}/answer\n`;
  writeFileSync(`${dir}/give`, program, { mode: 0o755 });
  const clock = new VirtualClock();
  const provider = {
    name: 'give',
    matchImages: ['*.example.com'],
    cacheMs: 60_000,
    apiVersion,
    args: ['get'],
    env: { WORD: 'w' },
    ...(wanted ? { token: wanted } : {}),
  };
  const annotations: Record<string, string> = { [role]: 'puller', other: 'x' };
  const accounts: AccountSource = {
    async account(_namespace, name) {
      if (name !== 'runner') throw new Error(`serviceaccounts "${name}" not found`);
      return { metadata: { name, uid: 'account', annotations } };
    },
    token: async (pod, audience, accountUid) => `${audience} of ${accountUid} for ${pod.metadata.name}`,
  };
  const env = { clock, random: systemRandom, log: silentLog };
  const providers = new CredentialProviders(
    env,
    { binDir: dir, providers: [provider], configHash: 'sha256:1' },
    accounts,
  );
  const credentialsFor = (image: string, podName = 'p', serviceAccountName = 'runner') =>
    providers.credentialsFor(image, storedPod(podName, { spec: { serviceAccountName } }));
  const users = async (...[image, podName, account]: Parameters<typeof credentialsFor>) =>
    (await credentialsFor(image, podName, account)).map(({ credentials }) => credentials.username);
  const requests = () => readFileSync(`${dir}/requests`, 'utf8').split('\n').filter(Boolean);
  return { clock, annotations, credentialsFor, users, requests };
}

test('a provider – asked for an image – gets it with its arguments and variables, and gives what fits', async (t) => {
  const { users, requests } = setUp(t, response);
  assert.deepEqual(await users('a.example.com/team/web:1'), ['team', 'whole']);
  const request = { kind: 'CredentialProviderRequest', apiVersion, image: 'a.example.com/team/web' };
  assert.deepEqual(requests(), [`${JSON.stringify(request)} get w`]);
});

test('a provider – for images of other registries – is not asked', async (t) => {
  const { users, requests } = setUp(t, response);
  assert.deepEqual([await users('web:1'), requests()], [[], []]);
});

// biome-ignore format: a table
for (const { cacheKeyType, same, other } of [
  { cacheKeyType: 'Image', same: 'a.example.com/web:1', other: 'a.example.com/api:1' },
  { cacheKeyType: 'Registry', same: 'a.example.com/api:1', other: 'b.example.com/web:1' },
  { cacheKeyType: 'Global', same: 'b.example.com/web:1', other: undefined },
]) {
  test(`an answer – for ${cacheKeyType} – counts for just that, and until its time is over`, async (t) => {
    const { clock, users, requests } = setUp(t, { ...response, cacheKeyType, cacheDuration: '10s' });
    await users('a.example.com/web:1');
    await users(same);
    assert.equal(requests().length, 1);
    if (other) await users(other);
    assert.equal(requests().length, other ? 2 : 1);
    clock.jump(-3_600_000);
    await clock.advance(10_000);
    await users('a.example.com/web:1');
    assert.equal(requests().length, other ? 3 : 2);
  });
}

test('a provider – asked by two pods at once – is asked once', async (t) => {
  const { users, requests } = setUp(t, { ...response, cacheDuration: '0s' });
  await Promise.all([users('a.example.com/web:1'), users('a.example.com/web:1')]);
  assert.equal(requests().length, 1);
});

// biome-ignore format: a table
for (const { title, answer, script } of [
  { title: 'fails', answer: response, script: 'exit 3' },
  { title: 'gives no JSON', answer: 'secret' },
  { title: 'gives another kind', answer: { ...response, kind: 'Secret' } },
  { title: 'gives another version', answer: { ...response, apiVersion: 'v1' } },
  { title: 'gives no key of the cache', answer: { ...response, cacheKeyType: 'x' } },
  { title: 'gives passwords that are none', answer: { ...response, auth: [] } },
]) {
  test(`a provider – that ${title} – gives no passwords`, async (t) => {
    const { users } = setUp(t, answer, script);
    assert.deepEqual(await users('a.example.com/web:1'), []);
  });
}

const requestOf = (text: string | undefined) => JSON.parse(text?.replace(/ get w$/, '') ?? '{}');

test('a provider – that wants tokens – gets the token and annotations of the pod’s ServiceAccount, who has the passwords', async (t) => {
  const { annotations, credentialsFor, requests } = setUp(t, response, '', token);
  annotations['team'] = 'blue';
  const [first] = await credentialsFor('a.example.com/web:1');
  assert.deepEqual(first?.serviceAccount, { namespace: 'default', name: 'runner', uid: 'account' });
  assert.deepEqual(requestOf(requests()[0]), {
    kind: 'CredentialProviderRequest',
    apiVersion,
    image: 'a.example.com/web',
    serviceAccountToken: 'registry of account for p',
    serviceAccountAnnotations: { [role]: 'puller', team: 'blue' },
  });
});

// biome-ignore format: a table
for (const { cacheType, pods, asked } of [
  { cacheType: 'ServiceAccount', pods: ['p', 'q'], asked: 1 },
  { cacheType: 'Token', pods: ['p', 'p'], asked: 1 },
  { cacheType: 'Token', pods: ['p', 'q'], asked: 2 },
] as const) {
  test(`an answer – kept by ${cacheType}, for pods ${pods.join(' and ')} – is asked for ${asked} times`, async (t) => {
    const { users, requests } = setUp(t, response, '', { ...token, cacheType });
    for (const pod of pods) await users('a.example.com/web:1', pod);
    assert.equal(requests().length, asked);
  });
}

test('an answer – for a ServiceAccount whose annotations change – counts no more', async (t) => {
  const { annotations, users, requests } = setUp(t, response, '', token);
  await users('a.example.com/web:1');
  annotations['team'] = 'blue';
  await users('a.example.com/web:1');
  assert.equal(requests().length, 2);
});

test('a provider – that requires an annotation or ServiceAccount that the pod does not have – is not asked', async (t) => {
  const { annotations, users, requests } = setUp(t, response, '', token);
  assert.deepEqual(await users('a.example.com/web:1', 'p', ''), []);
  assert.deepEqual(await users('a.example.com/web:1', 'p', 'missing'), []);
  delete annotations[role];
  assert.deepEqual(await users('a.example.com/web:1'), []);
  assert.deepEqual(requests(), []);
});

test('a provider – that does without ServiceAccount – is asked without token for a static pod', async (t) => {
  const optional = { ...token, isRequired: false, requiredAnnotations: [] };
  const { credentialsFor, requests } = setUp(t, response, '', optional);
  assert.deepEqual((await credentialsFor('a.example.com/web:1', 'p', '')).map(Object.keys), [
    ['credentials'],
  ]);
  assert.equal(requestOf(requests()[0]).serviceAccountToken, undefined);
});

test('a provider – that gives the token back as the password – may do so when its answers are kept by token', async (t) => {
  const auth = { 'a.example.com': { username: 'u', password: 'registry of account for p' } };
  const echo = { ...response, auth };
  assert.deepEqual(await setUp(t, echo, '', token).users('a.example.com/web:1'), []);
  const { users } = setUp(t, echo, '', { ...token, cacheType: 'Token' });
  assert.deepEqual(await users('a.example.com/web:1'), ['u']);
});
