import assert from 'node:assert/strict';
import { test } from 'node:test';
import { created } from '#testing/kind-cases.ts';

test('the secrets of a service account – more than their names – keep the names only', () => {
  const secrets = [{ name: 'a', namespace: 'b', kind: 'Secret' }, { uid: 'c' }];
  const account = created('', 'serviceaccounts', { metadata: { name: 'x' }, secrets });
  assert.deepEqual(account['secrets'], [{ name: 'a' }, {}]);
});
