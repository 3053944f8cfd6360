import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearest } from './nearest.ts';

const known = ['oidc-issuer-url', 'oidc-client-id', 'audit-log-path', 'audit-policy-file', 'v'];

for (const [name, found] of [
  ['oidc-isuer-url', 'oidc-issuer-url'],
  ['OIDC-Client-Id', 'oidc-client-id'],
  ['audit-policy', 'audit-policy-file'],
  ['audit-log', 'audit-log-path'],
  ['x', 'v'],
  ['something-else-altogether', undefined],
] as const) {
  test(`nearest – ${name} – is ${found}`, () => assert.equal(nearest(name, known), found));
}
