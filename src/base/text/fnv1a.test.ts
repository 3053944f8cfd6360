import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fnv1a } from './fnv1a.ts';

for (const [text, hash] of [
  ['', 0x811c9dc5],
  ['a', 0xe40c292c],
  ['foobar', 0xbf9cf968],
] as const) {
  test(`FNV-1a – of ${JSON.stringify(text)} – is ${hash}`, () => assert.equal(fnv1a(text), hash));
}

test('FNV-1a – of bytes, continued – is that of the whole', () => {
  const [foo, bar] = ['foo', 'bar'].map((text) => new TextEncoder().encode(text));
  assert.equal(fnv1a(bar ?? '', fnv1a(foo ?? '')), fnv1a('foobar'));
});
