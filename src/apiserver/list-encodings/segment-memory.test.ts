/** Segments whose memory is used again: for one reader it is, and never while another still reads it. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seeded } from '#testing/scheduling/objects.ts';
import { Entry } from '../cache/entry.ts';
import type { ItemsForm } from './form.ts';
import { plainPacking } from './packing.ts';
import { SegmentMemory } from './segment-memory.ts';
import { SharedEncodings } from './shared-encodings.ts';

const itemBytes = 10_000;
const segments = 12;
const entries = Array.from({ length: segments * 10 }, (_, i) => {
  const name = `e${i}`;
  const at = { key: `/r/ns/${name}`, namespace: 'ns', name, revision: i };
  return new Entry(at, Buffer.alloc(itemBytes, i % 251), { labels: {}, fields: {} });
});
const whole = Buffer.concat(entries.map(({ value }) => value));

/** Ten items in a segment, joined as lists of JSON are. */
const form: ItemsForm = {
  key: 'joined',
  contentType: '',
  stepBytes: 10 * itemBytes,
  items(some, _, memory) {
    const length = some.length * itemBytes;
    const bytes = memory!.take(length).subarray(0, length);
    for (const [i, { value }] of some.entries()) bytes.set(value, i * itemBytes);
    return bytes;
  },
};

/** A reader whose chunks are read by its socket only when it says that they are sent. */
function reader(encodings: SharedEncodings) {
  const { encoding, close } = encodings.read(form, 'all', { candidates: entries, matches: () => true });
  const packing = plainPacking(encoding);
  const memories = new Set<ArrayBufferLike>();
  const unsent: { at: number; chunk: Uint8Array }[] = [];
  const received: Buffer[] = [];
  let next = 0;
  return {
    memories,
    received,
    isWritten: () => next === segments,
    isDone: () => next === segments && unsent.length === 0,
    write() {
      if (next === segments) return;
      while (encoding.count <= next) encoding.step();
      const chunk = packing.segment(next) as Uint8Array;
      memories.add(chunk.buffer);
      unsent.push({ at: next++, chunk });
    },
    send() {
      const first = unsent.shift();
      if (!first) return;
      received.push(Buffer.from(first.chunk));
      packing.sent(first.at);
    },
    close,
  };
}

test('one reader – each segment sent before the next – all are written into the same memory', () => {
  const { memories, received, write, send, isDone } = reader(new SharedEncodings());
  while (!isDone()) {
    write();
    send();
  }
  assert.ok(Buffer.concat(received).equals(whole));
  assert.equal(memories.size, 1);
});

test('readers – that come, write and send in any order – receive the whole, each of them', () => {
  for (let seed = 1; seed <= 200; seed++) {
    const chance = seeded(seed);
    const encodings = new SharedEncodings();
    const readers = [reader(encodings)];
    while (!readers.every(({ isDone }) => isDone())) {
      if (readers.length < 4 && chance.float() < 0.1) readers.push(reader(encodings));
      const some = readers[Math.floor(chance.float() * readers.length)]!;
      if (chance.float() < 0.5) some.write();
      else some.send();
      // As the answer to a list does: what it has written last is not sent yet.
      if (some.isWritten()) some.close();
    }
    for (const { received } of readers) assert.ok(Buffer.concat(received).equals(whole), `seed ${seed}`);
  }
});

test('readers of the same segments – all of them have been sent to both – leave their memory to the next list', () => {
  const encodings = new SharedEncodings();
  const both = [reader(encodings), reader(encodings)];
  while (!both.every(({ isDone }) => isDone())) {
    for (const each of both) each.write();
    for (const each of both) each.send();
  }
  for (const each of both) each.close();
  const next = reader(encodings);
  next.write();
  const [memory] = next.memories;
  assert.ok(both[0]!.memories.has(memory!));
});

test('memory that is given back – of another size, or more than is kept – is not taken again', () => {
  const memory = new SegmentMemory();
  memory.giveBack(Buffer.allocUnsafeSlow(1000));
  const taken = Array.from({ length: 49 }, () => memory.take(150_000));
  for (const buffer of taken) memory.giveBack(buffer);
  const again = new Set(Array.from({ length: 49 }, () => memory.take(150_000).buffer));
  assert.equal(taken.filter(({ buffer }) => again.has(buffer)).length, 48);
});
