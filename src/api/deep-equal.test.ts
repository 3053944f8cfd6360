import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deepEqual } from './deep-equal.ts';

test('two spellings of one amount – the same where the API has amounts, and only there', () => {
  const spec = (cpu: string) => ({ containers: [{ name: 'c', resources: { limits: { cpu } } }] });
  assert.ok(deepEqual(spec('1.500'), spec('1500m')));
  assert.ok(deepEqual(spec('1k'), spec('1e3')));
  assert.ok(!deepEqual(spec('1'), spec('1001m')));
  assert.ok(!deepEqual({ limits: { cpu: '1' } }, { limits: { cpu: '1', memory: '0' } }));
  assert.ok(deepEqual({ emptyDir: { sizeLimit: '1Gi' } }, { emptyDir: { sizeLimit: '1024Mi' } }));
  assert.ok(!deepEqual({ labels: { cpu: '1.500' } }, { labels: { cpu: '1500m' } }));
  assert.ok(!deepEqual({ annotations: { limits: 'a' } }, { annotations: { limits: 'b' } }));
});
