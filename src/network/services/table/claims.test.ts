import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Claims } from './claims.ts';

test('claims – two owners of an element – the first by name has it, then the one that is left', () => {
  const claims = new Claims();
  claims.claim('b', 'services x', 'goto b');
  assert.equal(claims.wanted.get('services x'), 'goto b');
  claims.claim('c', 'services x', 'goto c');
  assert.equal(claims.wanted.get('services x'), 'goto b');
  claims.claim('a', 'services x', 'goto a');
  assert.equal(claims.wanted.get('services x'), 'goto a');
  claims.claim('c', 'services x', 'goto c2');
  claims.release('a', 'services x');
  assert.equal(claims.wanted.get('services x'), 'goto b');
  claims.release('b', 'services x');
  assert.equal(claims.wanted.get('services x'), 'goto c2');
  claims.claim('c', 'services x', 'goto c3');
  assert.equal(claims.wanted.get('services x'), 'goto c3');
  claims.release('c', 'services x');
  assert.equal(claims.wanted.get('services x'), undefined);
  claims.claim('d', 'services x', 'goto d');
  assert.equal(claims.wanted.get('services x'), 'goto d');
});

test('claims – changed and changed back before the kernel is written – nothing to write', () => {
  const { wanted } = new Claims();
  wanted.set('x', '1');
  wanted.settle();
  wanted.set('x', '2');
  wanted.set('x', '1');
  wanted.set('y', '1');
  wanted.set('y', undefined);
  assert.deepEqual([[...wanted.added()], [...wanted.removed()]], [[], []]);
});
