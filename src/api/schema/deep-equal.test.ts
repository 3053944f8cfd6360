import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { deepEqual } from './deep-equal.ts';

const podSpec = 'io.k8s.api.core.v1.PodSpec';

test('two spellings of one amount – where the schema has quantities – are equal', () => {
  const spec = (cpu: string) => ({ containers: [{ name: 'c', resources: { limits: { cpu } } }] });
  assert.ok(deepEqual(spec('1.500'), spec('1500m'), podSpec));
  assert.ok(deepEqual(spec('1k'), spec('1e3'), podSpec));
  assert.ok(!deepEqual(spec('1'), spec('1001m'), podSpec));
  assert.ok(!deepEqual(spec('1.500'), spec('1500m')));
  const volume = (sizeLimit: string) => ({ volumes: [{ name: 'v', emptyDir: { sizeLimit } }] });
  assert.ok(deepEqual(volume('1Gi'), volume('1024Mi'), podSpec));
  const limits = (limits: object) => ({ containers: [{ name: 'c', resources: { limits } }] });
  assert.ok(!deepEqual(limits({ cpu: '1' }), limits({ cpu: '1', memory: '0' }), podSpec));
});

describe('texts that look like amounts – in labels, data and variables – differ', () => {
  for (const field of ['limits', 'sizeLimit', 'cpu', 'max']) {
    test(field, () => {
      assert.ok(!deepEqual({ [field]: '1Gi' }, { [field]: '1024Mi' }));
      const map = (text: string) => ({ nodeSelector: { [field]: text } });
      assert.ok(!deepEqual(map('1Gi'), map('1024Mi'), podSpec));
    });
  }
  const variable = (value: string) => ({ containers: [{ name: 'c', env: [{ name: 'A', value }] }] });
  test('a variable', () => {
    assert.ok(!deepEqual(variable('1k'), variable('1000'), podSpec));
  });
});

test('what is in a value of any form – empty, null or absent – differs', () => {
  const device = (data: unknown) => ({ driver: 'd', data });
  const type = 'io.k8s.api.resource.v1.AllocatedDeviceStatus';
  assert.ok(deepEqual(device({ a: 1, b: [] }), device({ b: [], a: 1 }), type));
  for (const b of [[], null, {}]) assert.ok(!deepEqual(device({ a: 1 }), device({ a: 1, b }), type));
});

test('keys that objects inherit – are absent unless they are own keys', () => {
  assert.ok(!deepEqual({ constructor: 'a' }, { other: 'a' }));
  assert.ok(!deepEqual(JSON.parse('{"__proto__":{}}'), { a: {} }));
});
