import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { encodeObject, equalJson, parseJson, spliceOffset } from './canonical.ts';

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

test('encodeObject – an object – is stored in one form, without its resourceVersion, and with room for it', () => {
  const object = {
    spec: { note: '"metadata":{ ü' },
    metadata: { name: 'a', resourceVersion: '7' },
    apiVersion: 'v1',
    kind: 'Pod',
  };
  const bytes = encodeObject(object);
  const start = '{"kind":"Pod","apiVersion":"v1","metadata":{';
  assert.equal(text(bytes), `${start}"name":"a"},"spec":{"note":"\\"metadata\\":{ ü"}}`);
  assert.equal(spliceOffset(bytes), start.length);
  assert.equal(
    text(encodeObject({ kind: 'A', apiVersion: 'v1' })),
    '{"kind":"A","apiVersion":"v1","metadata":{}}',
  );
  assert.throws(() => spliceOffset(Buffer.from('{}')), /no metadata/);
});

test('encodeObject – many objects afterwards – stored bytes do not change', () => {
  const large = { kind: 'A', metadata: { name: 'x'.repeat(20_000) } };
  const objects = Array.from({ length: 100 }, (_, i) => ({
    kind: 'A',
    metadata: { name: `ü${i}`.repeat(200) },
  }));
  const stored = [...objects, large].map((object) => encodeObject(object));
  assert.deepEqual(
    stored.map((bytes) => parseJson(bytes)),
    [...objects, large],
  );
});

describe('equalJson – keys in another order – is equal', () => {
  test('another order', () => {
    assert.ok(equalJson({ a: 1, b: [{ c: null }] }, { b: [{ c: null }], a: 1, d: undefined }));
  });
  for (const [a, b] of [
    [{ a: 1 }, {}],
    [{}, { a: 1 }],
    [[1], { 0: 1 }],
    [{ a: null }, {}],
    [
      [1, 2],
      [2, 1],
    ],
  ]) {
    test(JSON.stringify(a), () => {
      assert.ok(!equalJson(a, b));
    });
  }
});

test('encodeObject – the data of a ControllerRevision – is written as Go programs write it, which compare it byte by byte', () => {
  const data = { spec: { template: { spec: { args: ['a && b'] }, $patch: 'replace' } } };
  const object = {
    revision: 1,
    data,
    metadata: { name: 'r' },
    kind: 'ControllerRevision',
    apiVersion: 'apps/v1',
  };
  assert.match(
    text(encodeObject(object)),
    /,"data":\{"spec":\{"template":\{"\$patch":"replace","spec":\{"args":\["a \\u0026\\u0026 b"\]\}\}\}\}\}$/,
  );
  assert.deepEqual(parseJson(encodeObject(object)), object);
});

test('encodeObject – the bytes to store – keep no other memory than their own', () => {
  const objects = Array.from({ length: 3 }, (_, i) => ({ kind: 'Pod', metadata: { name: `pod-${i}-ü` } }));
  for (const bytes of objects.map(encodeObject)) assert.equal(bytes.buffer.byteLength, bytes.byteLength);
});
