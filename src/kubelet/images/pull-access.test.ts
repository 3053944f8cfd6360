import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessOf, type ImageAccess, knownAccess, newRecord, withAccess } from './pull-access.ts';
import type { PullCredentials } from './registries/pull-credentials.ts';

const time = '2026-01-01T00:00:00Z';

/** `a:1` is the secret `a` with the password `1`, `a@` a ServiceAccount; any other word is a password of the node. */
function credentialsOf(text: string): PullCredentials {
  const [name = '', password = ''] = text.split(':');
  const credentials = { username: 'u', password, identityToken: '' };
  if (text.endsWith('@')) return { credentials, serviceAccount: { namespace: 'd', name: text, uid: text } };
  if (!text.includes(':')) return { credentials };
  return { credentials, secret: { namespace: 'd', name, uid: `uid-${name}` } };
}

function recordOf(pulls: readonly (string | undefined)[], image = 'web:1') {
  return pulls.reduce(
    (record, pull) =>
      withAccess(record, image, accessOf(pull === undefined ? undefined : credentialsOf(pull)), time),
    newRecord('sha256:1', time),
  );
}

const namesOf = (access: ImageAccess | undefined) =>
  access?.nodePodsAccessible
    ? 'every pod'
    : (access?.kubernetesSecrets ?? access?.kubernetesServiceAccounts)?.map(({ name }) => name).join(' ');

// biome-ignore format: a table
for (const { title, pulls, pod, access } of [
  { title: 'pulled without a password', pulls: [undefined], pod: [], access: 'every pod' },
  { title: 'pulled with the password of the node', pulls: ['node'], pod: ['a:1'], access: 'every pod' },
  { title: 'pulled with the secret that the pod has', pulls: ['a:1'], pod: ['a:1'], access: 'a' },
  { title: 'pulled with the same password in another secret', pulls: ['a:1'], pod: ['b:1'], access: 'b' },
  { title: 'pulled with an earlier password of the secret', pulls: ['a:1'], pod: ['a:2'], access: 'a' },
  { title: 'pulled with a secret that the pod does not have', pulls: ['a:1'], pod: ['b:2'], access: undefined },
  { title: 'pulled with a secret, for a pod without one', pulls: ['a:1'], pod: [], access: undefined },
  { title: 'pulled with a secret, for a pod that the node has a password for', pulls: ['a:1'], pod: ['node'], access: undefined },
  { title: 'pulled with a token of the pod’s ServiceAccount', pulls: ['a@'], pod: ['a@'], access: 'a@' },
  { title: 'pulled with tokens of two ServiceAccounts', pulls: ['a@', 'b@', 'b@'], pod: ['b@'], access: 'a@ b@' },
  { title: 'pulled with a token of another ServiceAccount', pulls: ['a@'], pod: ['b@', 'a:1'], access: undefined },
  { title: 'pulled with two secrets', pulls: ['a:1', 'b:2'], pod: ['b:2'], access: 'b' },
  { title: 'pulled with a secret, then without', pulls: ['a:1', undefined], pod: [], access: 'every pod' },
  { title: 'pulled without a password, then with one', pulls: [undefined, 'a:1'], pod: [], access: 'every pod' },
]) {
  test(`an image – ${title} – may be used as: ${access ?? 'only after a pull'}`, async () => {
    const found = await knownAccess(recordOf(pulls), 'web:1', async () => pod.map(credentialsOf));
    assert.equal(namesOf(found), access);
  });
}

test('an image – pulled under another repository – has to be pulled under this one', async () => {
  const unused = () => assert.fail('credentials are not read where they do not matter');
  assert.equal(await knownAccess(recordOf([undefined]), 'other.example.com/web:1', unused), undefined);
  assert.deepEqual(await knownAccess(recordOf([undefined]), 'docker.io/library/web:2', unused), {
    nodePodsAccessible: true,
  });
});

test('a record – of a secret whose password has changed – keeps the secret once; with nothing new it is the same', () => {
  const record = recordOf(['a:1', 'a:2', 'b:1']);
  const secrets = Object.values(record.credentialMapping)[0]?.kubernetesSecrets ?? [];
  assert.deepEqual(
    secrets.map(({ name }) => name),
    ['a', 'b'],
  );
  assert.equal(new Set(secrets.map(({ credentialHash }) => credentialHash)).size, 2);
  assert.equal(withAccess(record, 'web:1', accessOf(credentialsOf('b:1')), time), record);
});
