/** Claims from templates: their names, and what they take from pod and template. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storedDeviceTemplate } from '#testing/objects/devices.ts';
import { storedPod } from '#testing/objects.ts';
import { generateClaim, hasAdminAccess } from './generated-claim.ts';

test('a generated claim – its pod and template – give it owner, labels, annotations and spec', () => {
  const template = storedDeviceTemplate('gpus', { labels: { app: 'x' }, annotations: { kept: 'yes' } });
  assert.deepEqual(generateClaim(storedPod('p'), { name: 'gpu' }, template), {
    metadata: {
      generateName: 'p-gpu-',
      namespace: 'default',
      ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'p', controller: true }],
      annotations: { kept: 'yes', 'resource.kubernetes.io/pod-claim-name': 'gpu' },
      labels: { app: 'x' },
    },
    spec: template.spec.spec,
  });
});

const names: [pod: string, claim: string, base: string][] = [
  ['p'.repeat(52), 'gpu', `${'p'.repeat(52)}-gpu-`],
  ['p'.repeat(53), 'gpu', `${'p'.repeat(52)}-gp`],
  ['p'.repeat(63), 'c'.repeat(63), `${'p'.repeat(28)}-${'c'.repeat(28)}`],
];
for (const [pod, claim, base] of names) {
  test(`a generated name – of ${pod.length} and ${claim.length} characters – begins with ${base}`, () => {
    const { metadata } = generateClaim(storedPod(pod), { name: claim }, storedDeviceTemplate('t'));
    assert.equal(metadata?.generateName, base);
  });
}

test('admin access – asked for by one request – is the claim’s', () => {
  const request = (adminAccess?: boolean) => ({
    name: 'r',
    exactly: { deviceClassName: 'c', ...(adminAccess ? { adminAccess } : {}) },
  });
  assert.equal(hasAdminAccess({ spec: { devices: { requests: [request(), request(true)] } } }), true);
  assert.equal(hasAdminAccess({ spec: { devices: { requests: [request()] } } }), false);
  assert.equal(hasAdminAccess({ spec: {} }), false);
});
