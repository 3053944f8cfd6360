/** Lists sent to many receivers at once: one encoding is shared, and no receiver holds up the others. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ByteSink } from '#client/transport/transport.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { Entry } from '../../cache/entry.ts';
import type { ListForm } from '../../list-encodings/form.ts';
import { KeptBytes } from '../../list-encodings/kept-bytes.ts';
import { plainPacking } from '../../list-encodings/packing.ts';
import { SharedEncodings } from '../../list-encodings/shared-encodings.ts';
import { StepQueue } from '../../list-encodings/step-queue.ts';
import { ListBody } from './list-body.ts';

const itemBytes = 1000;
const entries = Array.from({ length: 100 }, (_, i) => {
  const name = `e${i}`;
  const at = { key: `/r/ns/${name}`, namespace: 'ns', name, revision: i };
  return new Entry(at, Buffer.alloc(itemBytes, 97), { labels: {}, fields: {} });
});
const whole = `<${'a'.repeat(100 * itemBytes)}>`;
const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Ten items in a segment; counts how often it is asked to encode. */
function countingForm() {
  const form = {
    key: 'counting',
    contentType: '',
    stepBytes: 10 * itemBytes,
    hasKnownLength: false,
    encoded: 0,
    items(some: readonly Entry[]) {
      form.encoded++;
      return Buffer.concat(some.map(({ value }) => value));
    },
    head: () => Buffer.from('<'),
    tail: () => Buffer.from('>'),
  } satisfies ListForm & { encoded: number };
  return form;
}

/** A receiver that reads on demand. */
function receiver() {
  const state = { text: '', unread: 0, isEnded: false, hasFailed: false, resume: () => {}, close: () => {} };
  const sink: ByteSink = {
    write(chunk) {
      state.text += Buffer.from(chunk).toString();
      state.unread += chunk.length;
      return false;
    },
    end: () => {
      state.isEnded = true;
    },
    fail: () => {
      state.hasFailed = true;
    },
    onDrain: (callback) => {
      state.resume = callback;
    },
    onClose: (callback) => {
      state.close = callback;
    },
  };
  const read = () => {
    state.unread = 0;
    state.resume();
  };
  return { state, sink, read };
}

function setUp(bytesMax?: number) {
  const form = countingForm();
  const clock = new VirtualClock();
  const steps = new StepQueue(clock);
  const encodings = new SharedEncodings(new KeptBytes(bytesMax));
  const send = (sink: ByteSink) => {
    const { encoding, close } = encodings.read(form, 'all', { candidates: entries, matches: () => true });
    const packing = plainPacking(encoding);
    const body = new ListBody({
      form,
      encoding,
      packing,
      metadata: {},
      steps,
      clock,
      endsMs: 60_000,
      over: close,
      failed: assert.fail,
    });
    body.start(sink);
  };
  return { form, clock, steps, encodings, send };
}

test('twenty equal lists – at once – share one encoding, of which nothing is kept behind the last', async () => {
  const { form, encodings, send } = setUp();
  const receivers = Array.from({ length: 20 }, receiver);
  for (const { sink } of receivers) send(sink);
  assert.equal(encodings.size, 1);
  while (receivers.some(({ state }) => !state.isEnded)) {
    await nextTurn();
    for (const { read } of receivers) read();
  }
  for (const { state } of receivers) assert.equal(state.text, whole);
  assert.equal(form.encoded, 10);
  assert.deepEqual([encodings.size, encodings.kept.bytes], [0, 0]);
});

test('a list – of ten segments – is sent in at least ten turns', async () => {
  const { steps, send } = setUp();
  const { state, sink, read } = receiver();
  send(sink);
  while (!state.isEnded) {
    await nextTurn();
    read();
  }
  assert.ok(steps.turns >= 10, `${steps.turns} turns`);
});

test('a receiver – that does not read – holds one piece, while others go on', async () => {
  const { send } = setUp();
  const [slow, quick] = [receiver(), receiver()];
  send(slow.sink);
  send(quick.sink);
  let most = 0;
  while (!quick.state.isEnded) {
    await nextTurn();
    quick.read();
    most = Math.max(most, slow.state.unread);
  }
  assert.ok(most <= 10 * itemBytes, `${most} bytes`);
  while (!slow.state.isEnded) {
    slow.read();
    await nextTurn();
  }
  assert.equal(slow.state.text, whole);
});

test('a slow receiver – its segments are no longer kept – they are made again, within the bound', async () => {
  const { form, encodings, send } = setUp(20 * itemBytes);
  const [slow, quick] = [receiver(), receiver()];
  send(slow.sink);
  send(quick.sink);
  while (!quick.state.isEnded) {
    await nextTurn();
    quick.read();
    assert.ok(encodings.kept.bytes <= 20 * itemBytes);
  }
  while (!slow.state.isEnded) {
    slow.read();
    await nextTurn();
  }
  assert.equal(slow.state.text, whole);
  assert.ok(form.encoded > 10, `${form.encoded} times`);
});

test('receivers that go away – in the middle, or before the first byte – nothing is kept', async () => {
  const { encodings, send } = setUp();
  const { state, sink, read } = receiver();
  send(sink);
  await nextTurn();
  read();
  await nextTurn();
  state.close();
  assert.deepEqual([encodings.size, encodings.kept.bytes], [0, 0]);
  const form = countingForm();
  const { encoding, close } = encodings.read(form, 'all', { candidates: entries, matches: () => true });
  const clock = new VirtualClock();
  const steps = new StepQueue(clock);
  const packing = plainPacking(encoding);
  new ListBody({
    form,
    encoding,
    packing,
    metadata: {},
    steps,
    clock,
    endsMs: 60_000,
    over: close,
    failed: assert.fail,
  }).cancel();
  assert.equal(encodings.size, 0);
});

test('a receiver that never reads – a minute later – is cut off, and nothing is kept', async () => {
  const { clock, encodings, send } = setUp();
  const { state, sink } = receiver();
  send(sink);
  await clock.advance(59_000);
  assert.deepEqual([state.hasFailed, encodings.size], [false, 1]);
  await clock.advance(1000);
  assert.deepEqual([state.hasFailed, encodings.size, encodings.kept.bytes], [true, 0, 0]);
  assert.equal(clock.pendingTimers(), 0);
});
