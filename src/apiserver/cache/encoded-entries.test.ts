import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EncodedEntries, type Encoding } from './encoded-entries.ts';
import { Entry } from './entry.ts';

const nothing = { labels: {}, fields: {} };
const bytesEach = 1000;

function entry(name: string): Entry {
  return new Entry({ key: name, namespace: '', name, revision: 1 }, new Uint8Array(), nothing);
}

function setUp(limitBytes: number) {
  const memory = { isShort: false };
  const encoded: string[] = [];
  const encoding: Encoding = {
    key: 'a',
    encode({ name }) {
      encoded.push(name);
      return Buffer.alloc(bytesEach, name);
    },
  };
  return { kept: new EncodedEntries(memory, 'encoding', limitBytes), memory, encoded, encoding };
}

test('an encoding – asked for again – is kept; another takes its place', () => {
  const { kept, encoding, encoded } = setUp(100 * bytesEach);
  const small = entry('1');
  assert.equal(kept.has(small, encoding), false);
  assert.deepEqual(kept.of(small, encoding), Buffer.alloc(bytesEach, '1'));
  assert.deepEqual(kept.of(small, encoding), Buffer.alloc(bytesEach, '1'));
  assert.deepEqual([encoded, kept.has(small, encoding)], [['1'], true]);
  const otherEncoding = { key: 'b', encode: () => Buffer.from('other') };
  assert.equal(Buffer.from(kept.of(small, otherEncoding)).toString(), 'other');
  assert.equal(kept.has(small, encoding), false);
});

test('encodings beyond the bound – those not used for longest – are made again', () => {
  const { kept, encoding, encoded } = setUp(20 * bytesEach);
  const entries = Array.from({ length: 40 }, (_, i) => entry(String(i)));
  for (const each of entries) {
    kept.of(entries[0]!, encoding);
    assert.deepEqual(kept.of(each, encoding), Buffer.alloc(bytesEach, each.name));
  }
  assert.equal(encoded.length, entries.length, 'the entry that is always used stays');
  const known = entries.filter((each) => kept.has(each, encoding));
  assert.ok(known.length >= 10 && known.length <= 20, `${known.length} are kept`);
  assert.ok(kept.has(entries[39]!, encoding));
  assert.equal(kept.has(entries[1]!, encoding), false);
});

test('encodings – memory is short – are all dropped, and none is kept', () => {
  const { kept, memory, encoding } = setUp(100 * bytesEach);
  const [small, other] = [entry('1'), entry('2')];
  kept.of(small!, encoding);
  memory.isShort = true;
  assert.deepEqual(kept.of(other!, encoding), Buffer.alloc(bytesEach, '2'));
  assert.deepEqual([kept.has(small!, encoding), kept.has(other!, encoding)], [false, false]);
});
