import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { type TestContext, test } from 'node:test';
import { silentLog } from '#base/log.ts';
import { systemRandom } from '#host/system-env.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { CredentialProviders } from './credential-providers.ts';

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

/** A program that notes each request and answers with `answer`. */
function setUp(t: TestContext, answer: unknown, script = '') {
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
  };
  const env = { clock, random: systemRandom, log: silentLog };
  const providers = new CredentialProviders(env, dir, [provider]);
  const users = async (image: string) =>
    (await providers.credentialsFor(image)).map(({ credentials }) => credentials.username);
  const requests = () => readFileSync(`${dir}/requests`, 'utf8').split('\n').filter(Boolean);
  return { clock, users, requests };
}

test('a provider – asked for an image – gets it with its arguments and variables, and gives what fits', async (t) => {
  const { users, requests } = setUp(t, response);
  assert.deepEqual(await users('a.example.com/team/web:1'), ['team', 'whole']);
  const request = { kind: 'CredentialProviderRequest', apiVersion, image: 'a.example.com/team/web:1' };
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
    clock.jump(10_000);
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
