import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultPullPolicy } from './pull-policy.ts';

// biome-ignore format: a table
for (const [image, policy] of [
  ['nginx', 'Always'],
  ['nginx:latest', 'Always'],
  ['nginx:1', 'IfNotPresent'],
  ['nginx@sha256:abc', 'IfNotPresent'],
  ['Bad_Name!', 'IfNotPresent'],
  [undefined, 'IfNotPresent'],
] as const) {
  test(`the pull policy – of ${image} – is ${policy}`, () => assert.equal(defaultPullPolicy(image), policy));
}
