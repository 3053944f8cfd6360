import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PodSpec } from '#api/generated/types.gen.ts';
import { storedPod } from '#testing/objects.ts';
import { tokenOwnership } from './projected.ts';

const container = (runAsUser?: number) => ({
  name: 'c',
  ...(runAsUser === undefined ? {} : { securityContext: { runAsUser } }),
});

const cases: [what: string, spec: Partial<PodSpec>, expected: { mode: number; uid?: number }][] = [
  ['neither user nor group', { containers: [container()] }, { mode: 0o644 }],
  ['a user', { containers: [container(1000)] }, { mode: 0o600, uid: 1000 }],
  ['root as the user', { containers: [container(0)] }, { mode: 0o600, uid: 0 }],
  [
    'the pod’s user',
    { securityContext: { runAsUser: 7 }, containers: [container()] },
    { mode: 0o600, uid: 7 },
  ],
  ['a group', { securityContext: { fsGroup: 10_000 }, containers: [container()] }, { mode: 0o600 }],
  [
    'a user and a group',
    { securityContext: { runAsUser: 1000, fsGroup: 10_000 }, containers: [container()] },
    { mode: 0o600, uid: 1000 },
  ],
  [
    'two users and a group',
    { securityContext: { fsGroup: 10_000 }, containers: [container(1), container(2)] },
    { mode: 0o600 },
  ],
  ['two users', { containers: [container(1), container(2)] }, { mode: 0o644 }],
  ['one of two users', { containers: [container(1), container()] }, { mode: 0o644 }],
  [
    'another user to begin with',
    { initContainers: [container(1)], containers: [container(2)] },
    { mode: 0o644 },
  ],
  [
    'another user to debug',
    { containers: [container(1)], ephemeralContainers: [container(2)] },
    { mode: 0o644 },
  ],
];

for (const [what, spec, expected] of cases) {
  test(`the token of a pod – with ${what} – is owned and readable accordingly`, () => {
    assert.deepEqual(tokenOwnership(storedPod('p', { spec }), 0o644), expected);
  });
}
