import assert from 'node:assert/strict';
import { test } from 'node:test';
import protobuf from 'protobufjs/minimal.js';
import { openApiV2Protobuf } from './v2-protobuf.ts';

/**
 * Fields of a message: number and bytes; every field of these messages is length-delimited except booleans.
 */
function fields(bytes: Uint8Array): [number, Uint8Array][] {
  const reader = protobuf.Reader.create(bytes);
  const found: [number, Uint8Array][] = [];
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    found.push([tag >>> 3, (tag & 7) === 2 ? reader.bytes() : Uint8Array.of(Number(reader.bool()))]);
  }
  return found;
}

/** The bytes at a path of field numbers, the first of each. */
function at(bytes: Uint8Array, ...path: number[]): Uint8Array {
  return path.reduce((inner, number) => fields(inner).find(([each]) => each === number)![1], bytes);
}

const textAt = (bytes: Uint8Array, ...path: number[]) => Buffer.from(at(bytes, ...path)).toString();

test("each part – of the protobuf document – is in gnostic's field", () => {
  const kind = { group: '', version: 'v1', kind: 'Pod' };
  const bytes = openApiV2Protobuf({
    swagger: '2.0',
    paths: {
      '/pods': {
        patch: {
          parameters: [{ name: 'fieldValidation', in: 'query', type: 'string' }],
          'x-kubernetes-group-version-kind': kind,
        },
      },
    },
    definitions: {
      Pod: { type: 'object', required: ['a'], properties: { a: { type: 'array', items: { $ref: '#/b' } } } },
    },
  });
  assert.equal(textAt(bytes, 1), '2.0');
  assert.equal(textAt(bytes, 8, 2, 1), '/pods');
  const patch = at(bytes, 8, 2, 2, 8);
  assert.equal(textAt(patch, 8, 1, 2, 3, 4), 'fieldValidation');
  assert.equal(textAt(patch, 13, 1), 'x-kubernetes-group-version-kind');
  assert.deepEqual(JSON.parse(textAt(patch, 13, 2, 2)), kind);
  const pod = at(bytes, 9, 1, 2);
  assert.equal(textAt(pod, 22, 1), 'object');
  assert.equal(textAt(pod, 19), 'a');
  assert.equal(textAt(pod, 25, 1, 1), 'a');
  assert.equal(textAt(pod, 25, 1, 2, 23, 1, 1), '#/b');
});
