import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flatText } from './flat-text.ts';

test('flatText – any text – is the same text', () => {
  for (const text of ['', 'a', 'ab', 'kube-api-access-'.concat('x'.repeat(40))]) {
    assert.equal(flatText(text), text);
  }
});
