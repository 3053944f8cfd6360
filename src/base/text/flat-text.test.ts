import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { flatText } from './flat-text.ts';

describe('flatText – any text – is the same text', () => {
  for (const text of ['', 'a', 'ab', 'kube-api-access-'.concat('x'.repeat(40))]) {
    test(JSON.stringify(text), () => {
      assert.equal(flatText(text), text);
    });
  }
});
