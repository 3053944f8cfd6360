/** What of secrets is on the disk, what a client sees, and what becomes of values when keys change. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { configMaps, secrets } from '#api/generated/kinds.gen.ts';
import { systemEnv } from '#host/system-env.ts';
import { openMemoryStore } from '#store/memory/store.ts';
import type { Store } from '#store/store.ts';
import { eventually } from '#testing/client-suite.ts';
import { startTestKms } from '#testing/server/kms-plugin.ts';
import { startTestServer } from '#testing/server/test-server.ts';

const env = systemEnv();
const at = { namespace: 'default', name: 's' };
const secretKey = '/registry/secrets/default/s';
const secretOf = (size: number, fill: number) => Buffer.alloc(size, fill).toString('base64');
const provider = (kind: string, name: string, fill: number) => ({
  [kind]: { keys: [{ name, secret: secretOf(32, fill) }] },
});
const identity = { identity: {} };

function configuration(providers: readonly object[], resources: readonly string[] = ['secrets']) {
  const kind = 'EncryptionConfiguration';
  return JSON.stringify({
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind,
    resources: [{ resources, providers }],
  });
}

function startServer(store: Store, ownEncryption: string | undefined, args = {}) {
  const configuration = { arguments: args, featureGates: {} } as never;
  return startTestServer({ setup: 'kubernetes', env, store, ownEncryption, configuration });
}

async function stored(store: Store, key: string): Promise<string> {
  return Buffer.from((await store.get(key))!.value).toString('latin1');
}

const secret = { metadata: { name: 's', namespace: 'default' }, stringData: { a: 'plain' } };
const value = Buffer.from('plain').toString('base64');

for (const kind of ['aescbc', 'aesgcm', 'secretbox']) {
  test(`encryption by ${kind} – a secret – is stored behind the prefix of its key, and read in the clear`, async () => {
    const store = openMemoryStore(env);
    const text = configuration([provider(kind, 'one', 1), identity]);
    await using server = await startServer(store, text);
    await server.client.create(secrets, secret);
    await server.client.create(configMaps, { metadata: { name: 'm', namespace: 'default' } });
    const bytes = await stored(store, secretKey);
    assert.equal(bytes.startsWith(`k8s:enc:${kind}:v1:one:`), true);
    assert.equal(bytes.includes(value), false);
    assert.equal((await stored(store, '/registry/configmaps/default/m'))[0], '{');
    assert.equal((await server.client.get(secrets, at)).data!['a'], value);
    await server.stop();
    await using again = await startServer(store, text);
    assert.equal((await again.client.get(secrets, at)).data!['a'], value);
    await store.close();
  });
}

test('encryption – another key comes first – old values are read, and a write that changes nothing stores them again', async () => {
  const store = openMemoryStore(env);
  const first = await startServer(store, configuration([identity]));
  await first.client.create(secrets, secret);
  await first.stop();
  assert.equal((await stored(store, secretKey))[0], '{');
  const two = await startServer(store, configuration([provider('secretbox', 'b', 2), identity]));
  const read = await two.client.get(secrets, at);
  await two.client.update(secrets, read);
  const bytes = await stored(store, secretKey);
  assert.equal(bytes.startsWith('k8s:enc:secretbox:v1:b:'), true);
  const same = await two.client.get(secrets, at);
  assert.notEqual(same.metadata!.resourceVersion, read.metadata!.resourceVersion);
  await two.client.update(secrets, same);
  assert.equal(await stored(store, secretKey), bytes, 'what is stored by the first key is not written again');
  await two.stop();
  const keys = [provider('aesgcm', 'c', 3), provider('secretbox', 'b', 2)];
  const three = await startServer(store, configuration(keys));
  await three.client.update(secrets, await three.client.get(secrets, at));
  assert.equal((await stored(store, secretKey)).startsWith('k8s:enc:aesgcm:v1:c:'), true);
  await three.stop();
  await store.close();
});

test('encryption – no key for a value – 500 with upstream’s message for it and for lists, and the rest is served', async (t) => {
  const store = openMemoryStore(env);
  const first = await startServer(store, configuration([provider('aesgcm', 'a', 1)]));
  await first.client.create(secrets, secret);
  await first.stop();
  for (const [text, why] of [
    [configuration([provider('aescbc', 'x', 1), identity]), 'no matching prefix found'],
    [
      configuration([provider('aesgcm', 'x', 1)]),
      'no matching key was found for the provided AES transformer',
    ],
    [configuration([provider('aesgcm', 'a', 2)]), 'cipher: message authentication failed'],
    [configuration([identity], ['configmaps']), 'identity transformer tried to read encrypted data'],
  ] as const) {
    await t.test(why, async () => {
      await using server = await startServer(store, text);
      const { client } = server;
      const message = `Internal error occurred: ${why}`;
      await assert.rejects(client.get(secrets, at), { code: 500, message });
      await assert.rejects(client.delete(secrets, at), { code: 500, message });
      await assert.rejects(client.list(secrets, { namespace: 'default' }), {
        message: `Internal error occurred: unable to transform key "${secretKey}": ${why}`,
      });
      await assert.rejects(client.create(secrets, secret), { code: 409 });
      assert.equal((await client.list(secrets, { namespace: 'kube-public' })).items.length, 0);
    });
  }
  await store.close();
});

test('encryption – a wildcard – covers every resource of its group, and no other keys', async (t) => {
  const store = openMemoryStore(env);
  const text = configuration([provider('secretbox', 'w', 1), identity], ['*.*']);
  await using server = await startServer(store, text);
  await server.client.create(configMaps, { metadata: { name: 'm', namespace: 'default' } });
  for (const key of ['/registry/configmaps/default/m', '/registry/services/specs/default/kubernetes']) {
    await t.test(key, async () => {
      assert.equal((await stored(store, key)).startsWith('k8s:enc:secretbox:v1:w:'), true, key);
    });
  }
  const { items } = await store.range({ start: '/registry/ranges/', end: '/registry/ranges0' });
  for (const { value } of items) assert.equal(Buffer.from(value).toString()[0], '{');
});

function configurationFile(t: TestContext, text: string): string {
  const dir = mkdtempSync(join(tmpdir(), 'kybern-encryption-'));
  t.after(() => rmSync(dir, { recursive: true }));
  const path = join(dir, 'encryption.yaml');
  writeFileSync(path, text);
  return path;
}

test('encryption by the user’s file – it changes – the new file is in force, and an invalid one changes nothing', async (t) => {
  const store = openMemoryStore(env);
  const own = configuration([provider('secretbox', 'own', 9), identity]);
  const first = await startServer(store, own);
  await first.client.create(secrets, secret);
  await first.stop();
  const path = configurationFile(t, configuration([provider('aesgcm', 'a', 1), identity]));
  const args = { 'encryption-provider-config': path, 'encryption-provider-config-automatic-reload': true };
  await using server = await startServer(store, own, args);
  const touch = async () => server.client.update(secrets, await server.client.get(secrets, at));
  await touch();
  assert.equal((await stored(store, secretKey)).startsWith('k8s:enc:aesgcm:v1:a:'), true);
  writeFileSync(path, 'kind: Nothing');
  writeFileSync(path, configuration([provider('aesgcm', 'b', 2), provider('aesgcm', 'a', 1), identity]));
  await eventually(env, 'the new key', async () => {
    await touch();
    return (await stored(store, secretKey)).startsWith('k8s:enc:aesgcm:v1:b:') || undefined;
  });
});

test('encryption by KMS v2 – one seed for many values – is decrypted again after a restart, and replaced with the key', async () => {
  await using kms = await startTestKms();
  const store = openMemoryStore(env);
  const text = configuration([{ kms: { apiVersion: 'v2', name: 'k', endpoint: kms.endpoint } }, identity]);
  const first = await startServer(store, text);
  await first.client.create(secrets, secret);
  await first.client.create(secrets, { ...secret, metadata: { name: 'other', namespace: 'default' } });
  assert.equal((await stored(store, secretKey)).startsWith('k8s:enc:kms:v2:k:'), true);
  assert.deepEqual(kms.calls, { status: 1, encrypt: 1, decrypt: 0 });
  await first.stop();
  const two = await startServer(store, text);
  assert.equal((await two.client.list(secrets, { namespace: 'default' })).items.length, 2);
  assert.deepEqual(kms.calls, { status: 2, encrypt: 2, decrypt: 1 });
  const before = await two.client.get(secrets, at);
  await two.client.update(secrets, before);
  assert.equal(
    (await two.client.get(secrets, at)).metadata!.resourceVersion,
    before.metadata!.resourceVersion,
    'another seed of the same key is not stale',
  );
  await two.stop();
  kms.keyId = 'key-2';
  const three = await startServer(store, text);
  await three.client.update(secrets, await three.client.get(secrets, at));
  assert.equal((await stored(store, secretKey)).includes('key-2'), true);
  await three.stop();
  await store.close();
});

test('encryption by KMS v2 – the plugin is not healthy – readyz fails, and requests that need it fail', async () => {
  await using kms = await startTestKms();
  const store = openMemoryStore(env);
  kms.health = 'broken';
  const text = configuration([{ kms: { apiVersion: 'v2', name: 'k', endpoint: kms.endpoint } }]);
  await using server = await startServer(store, text);
  const checked = await server.transport.request({
    method: 'GET',
    path: '/readyz/kms-providers',
    headers: {},
  });
  assert.equal(checked.status, 500);
});
