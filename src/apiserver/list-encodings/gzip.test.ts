/** Compressed segments put together are one valid gzip member. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { crc32, gunzipSync } from 'node:zlib';
import { Entry } from '../cache/entry.ts';
import { combineCrc32 } from './crc32-combine.ts';
import type { ItemsForm } from './form.ts';
import { GzipSegments } from './gzip-segments.ts';
import { KeptBytes } from './kept-bytes.ts';
import { gzipPacking } from './packing.ts';
import { SegmentMemory } from './segment-memory.ts';
import { SharedEncoding } from './shared-encoding.ts';

describe('the CRC of two pieces – of any length – is that of the whole', () => {
  for (const [a, b] of [
    ['', ''],
    ['a', ''],
    ['', 'b'],
    ['hello ', 'world'],
    ['x'.repeat(1000), 'y'.repeat(70_001)],
  ] as const) {
    test(`${a.length} and ${b.length} characters`, () => {
      assert.equal(combineCrc32(crc32(a), crc32(b), b.length), crc32(a + b));
    });
  }
});

test('segments – put together by two readers – one gzip member each, and each segment compressed once', async () => {
  const texts = ['one ', 'two '.repeat(50_000), 'three'];
  const entries = texts.map((text, i) => entryOf(`e${i}`, text));
  let encoded = 0;
  const form: ItemsForm = {
    key: 'f',
    contentType: '',
    stepBytes: 1,
    items(some) {
      encoded++;
      return Buffer.concat(some.map(({ value }) => value));
    },
  };
  const kept = new KeptBytes();
  const source = { candidates: entries, matches: () => true };
  const encoding = new SharedEncoding(form, source, kept, new SegmentMemory());
  while (!encoding.isComplete) encoding.step();
  const segments = new GzipSegments(encoding, kept);
  for (const [head, tail] of [
    ['<', '>'],
    ['[[', ''],
  ] as const) {
    const packing = gzipPacking(segments);
    const pieces = [packing.open(Buffer.from(head))];
    for (let at = 0; at < encoding.count; at++) pieces.push(await packing.segment(at));
    pieces.push(packing.close(Buffer.from(tail)));
    assert.equal(gunzipSync(Buffer.concat(pieces)).toString(), head + texts.join('') + tail);
  }
  assert.equal(encoded, 3);
  segments.close();
  encoding.close();
  assert.equal(kept.bytes, 0);
});

function entryOf(name: string, text: string): Entry {
  const at = { key: `/r/ns/${name}`, namespace: 'ns', name, revision: 1 };
  return new Entry(at, Buffer.from(text), { labels: {}, fields: {} });
}
