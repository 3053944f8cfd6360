import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { configMaps, secrets } from '#api/generated/kinds.gen.ts';
import { startCluster } from './cluster.ts';
import { filePkiStore } from './state/file-pki-store.ts';

const lost =
  /encryption.yaml missing among the cluster's certificates, though its key encrypts what is stored/;
const wrong = /the key in encryption.yaml is not the one that what is stored is encrypted by/;

test('a cluster – its encryption key is lost or replaced – does not start over its secrets until the loss is accepted', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'kybern-kept-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'pki', 'encryption.yaml');
  const start = (acceptLoss = false) =>
    startCluster({
      store: { sqlite: join(folder, 'state.db') },
      pkiStore: filePkiStore(join(folder, 'pki')),
      acceptLoss,
    });
  const first = await start();
  await first.client.create(secrets, { metadata: { name: 's', namespace: 'default' } });
  await first.stop();
  const key = readFileSync(file, 'utf8');
  rmSync(file);
  await assert.rejects(start(), lost);
  writeFileSync(file, key.replace(/secret: .*/, `secret: ${Buffer.alloc(32).toString('base64')}`));
  await assert.rejects(start(), wrong);
  writeFileSync(file, key);
  const again = await start();
  const name = { namespace: 'default', name: 's' };
  assert.equal((await again.client.get(secrets, name)).metadata.name, 's');
  await again.stop();
  rmSync(file);
  const accepted = await start(true);
  await assert.rejects(accepted.client.get(secrets, name), { code: 500 });
  await accepted.stop();
  assert.ok(readFileSync(file, 'utf8').includes('secretbox'));
});

test('a cluster – that encrypts no secrets, and has lost its key, or has a wrong one – does not start', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'kybern-lost-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const start = () =>
    startCluster({
      store: { sqlite: join(folder, 'state.db') },
      pkiStore: filePkiStore(join(folder, 'pki')),
      encrypt: ['configmaps'],
    });
  const first = await start();
  await first.client.create(configMaps, { metadata: { name: 'c', namespace: 'default' } });
  await first.stop();
  const file = join(folder, 'pki', 'encryption.yaml');
  const key = readFileSync(file, 'utf8');
  writeFileSync(file, key.replace(/secret: .*/, `secret: ${Buffer.alloc(32).toString('base64')}`));
  await assert.rejects(start(), wrong);
  rmSync(file);
  await assert.rejects(start(), lost);
});

test('a cluster – whose first secrets are in the clear, and whose key is wrong – does not start', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'kybern-many-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const start = (encrypt: readonly string[]) =>
    startCluster({
      store: { sqlite: join(folder, 'state.db') },
      pkiStore: filePkiStore(join(folder, 'pki')),
      encrypt,
    });
  const first = await start(['configmaps']);
  const create = (name: string) => first.client.create(secrets, { metadata: { name, namespace: 'default' } });
  await Promise.all(Array.from({ length: 120 }, (_, index) => create(`a${index}`)));
  await first.stop();
  const second = await start(['secrets']);
  await second.client.create(secrets, { metadata: { name: 'b', namespace: 'default' } });
  await second.stop();
  const file = join(folder, 'pki', 'encryption.yaml');
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replaceAll(/secret: .*/g, `secret: ${Buffer.alloc(32).toString('base64')}`));
  await assert.rejects(start(['secrets']), wrong);
});

test('a cluster – with other resources to encrypt – encrypts them from then on, and reads what it encrypted before', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'kybern-encrypt-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const database = join(folder, 'state.db');
  const start = (encrypt?: readonly string[]) =>
    startCluster({
      store: { sqlite: database },
      pkiStore: filePkiStore(join(folder, 'pki')),
      ...(encrypt ? { encrypt } : {}),
    });
  const first = await start();
  await first.client.create(secrets, {
    metadata: { name: 's', namespace: 'default' },
    stringData: { a: 'word-of-s' },
  });
  await first.stop();
  const second = await start(['configmaps']);
  const key = (name: string) => ({ namespace: 'default', name });
  await second.client.create(configMaps, { metadata: key('c'), data: { a: 'word-of-c' } });
  await second.client.create(secrets, { metadata: key('later'), stringData: { a: 'word-of-later' } });
  const { data } = await second.client.get(secrets, key('s'));
  assert.equal(Buffer.from(data?.['a'] ?? '', 'base64').toString(), 'word-of-s');
  await second.stop();
  const third = await start();
  assert.equal((await third.client.get(configMaps, key('c'))).data?.['a'], 'word-of-c');
  await third.stop();
  const inClear = (word: string) =>
    readdirSync(folder)
      .filter((name) => name.startsWith('state.db'))
      .some((name) => readFileSync(join(folder, name)).includes(Buffer.from(word)));
  assert.deepEqual(
    [
      'word-of-c',
      Buffer.from('word-of-s').toString('base64'),
      Buffer.from('word-of-later').toString('base64'),
    ].map(inClear),
    [false, false, true],
  );
});
