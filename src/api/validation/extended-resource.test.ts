import assert from 'node:assert/strict';
import test from 'node:test';
import { isExtendedResource } from './extended-resource.ts';

for (const [name, expected] of [
  ['example.com/gpu', true],
  ['cpu', false],
  ['kubernetes.io/gpu', false],
  ['requests.example.com/gpu', false],
  [`example.com/${'x'.repeat(64)}`, false],
] as const) {
  test(`the resource ${name.slice(0, 30)} – ${expected ? 'is' : 'is not'} extended`, () => {
    assert.equal(isExtendedResource(name), expected);
  });
}
