/** Text keeps its value; the second reading of a second is its text. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rfc3339 } from './clock.ts';
import { flatText } from './flat-text.ts';

test('flat text is the same text', () => {
  for (const text of ['', 'a', 'ab', 'kube-api-access-'.concat('x'.repeat(40))])
    assert.equal(flatText(text), text);
});

test('each second has its own text, also when the clock goes back', () => {
  const ms = Date.UTC(2026, 0, 2, 3, 4, 5);
  assert.equal(rfc3339(ms + 999), '2026-01-02T03:04:05Z');
  assert.equal(rfc3339(ms + 1000), '2026-01-02T03:04:06Z');
  assert.equal(rfc3339(ms), '2026-01-02T03:04:05Z');
});
