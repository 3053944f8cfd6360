import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pemBlocks } from './pem-blocks.ts';

const block = (type: string, end = type) => `-----BEGIN ${type}-----\nYQ==\n-----END ${end}-----`;

test('PEM blocks – text around and between them – each has its type and body', () => {
  const found = pemBlocks(`x\n${block('A')}\ny\n${block('B')}\n`);
  assert.deepEqual(
    found.map(({ type, body }) => [type, body]),
    [
      ['A', 'YQ==\n'],
      ['B', 'YQ==\n'],
    ],
  );
  assert.equal(found[0]!.text, block('A'));
});

test('PEM blocks – an end of another type – is no block, the next one is found', () => {
  assert.deepEqual(
    pemBlocks(`${block('A', 'B')}\n${block('C')}`).map(({ type }) => type),
    ['C'],
  );
  assert.deepEqual(pemBlocks('-----BEGIN A-----\nYQ=='), []);
});
