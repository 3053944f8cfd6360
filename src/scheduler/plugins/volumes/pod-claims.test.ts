/** The claims of a pod: which volumes name one, and which events are about them. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makePod } from '#testing/scheduling/objects.ts';
import { claimsOf, concernsClaim, namedClaims } from './pod-claims.ts';

const { pod } = makePod({
  name: 'web',
  spec: {
    volumes: [
      { name: 'data', persistentVolumeClaim: { claimName: 'db' } },
      { name: 'scratch', ephemeral: { volumeClaimTemplate: { spec: {} } } },
      { name: 'config', configMap: { name: 'c' } },
    ],
  },
});

test('claims of a pod – a claim, an ephemeral volume, another volume – two claims, the ephemeral one by pod and volume', () => {
  assert.deepEqual(claimsOf(pod), [
    { name: 'db', isEphemeral: false },
    { name: 'web-scratch', isEphemeral: true },
  ]);
});

test('claims that the pod names – the same pod – leave out the ephemeral one', () => {
  assert.deepEqual(namedClaims(pod), ['db']);
});

for (const { title, metadata, concerns } of [
  { title: 'one of the claims', metadata: { name: 'db', namespace: 'default' }, concerns: true },
  { title: 'a claim of the same name elsewhere', metadata: { name: 'db', namespace: 'x' }, concerns: false },
  { title: 'another claim', metadata: { name: 'other', namespace: 'default' }, concerns: false },
  { title: 'an object without a name', metadata: { namespace: 'default' }, concerns: false },
]) {
  test(`an event – of ${title} – ${concerns ? 'concerns' : 'does not concern'} the pod`, () => {
    const event = { kind: 'PersistentVolumeClaim', object: { metadata } } as const;
    assert.equal(concernsClaim(event, makePod({ name: 'web' }), ['db']), concerns);
  });
}
