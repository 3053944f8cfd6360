import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { WorkQueue } from './work-queue.ts';

test('work queue – a key added while in progress – is handed out once, and again afterwards', async () => {
  const queue = new WorkQueue(new VirtualClock());
  queue.add('a');
  queue.add('a');
  queue.add('b');
  assert.equal(await queue.get(), 'a');
  assert.equal(await queue.get(), 'b');
  queue.add('a');
  assert.equal(queue.length, 0, 'no other worker may take it meanwhile');
  queue.done('a');
  assert.equal(await queue.get(), 'a');
  queue.done('a');
  assert.equal(queue.length, 0);
});

test('work queue – failures – wait 5 ms, 10 ms, 20 ms …; success starts over', async () => {
  const clock = new VirtualClock();
  const queue = new WorkQueue(clock);
  for (const delayMs of [5, 10, 20]) {
    queue.addRateLimited('a');
    await clock.advance(delayMs - 1);
    assert.equal(queue.length, 0);
    await clock.advance(1);
    assert.equal(await queue.get(), 'a');
    queue.done('a');
  }
  queue.forget('a');
  queue.addRateLimited('a');
  await clock.advance(5);
  assert.equal(queue.length, 1);
});

test('work queue – beyond a burst of 100 – retries come ten a second', async () => {
  const clock = new VirtualClock();
  const queue = new WorkQueue(clock);
  for (let i = 0; i < 120; i++) queue.addRateLimited(`key-${i}`);
  await clock.advance(50);
  assert.equal(queue.length, 100);
  await clock.advance(1000);
  assert.equal(queue.length, 110);
});

test('work queue – two delays for one key, a shutdown – the shorter holds, waiting workers wake', async () => {
  const clock = new VirtualClock();
  const queue = new WorkQueue(clock);
  queue.addAfter('a', 1000);
  queue.addAfter('a', 100);
  queue.addAfter('a', 500);
  const waiting = queue.get();
  await clock.advance(100);
  assert.equal(await waiting, 'a');
  const idle = queue.get();
  queue.shutDown();
  assert.equal(await idle, undefined);
  assert.equal(clock.pendingTimers(), 0);
});

test('work queue – a resting key that is added meanwhile – comes once, after the rest', async () => {
  const clock = new VirtualClock();
  const queue = new WorkQueue(clock);
  queue.add('a');
  queue.doneAfter((await queue.get())!, 1000);
  queue.add('a');
  queue.add('a');
  await clock.advance(999);
  assert.equal(queue.length, 0);
  await clock.advance(1);
  assert.equal(queue.length, 1);
});

test('work queue – shut down while a key rests – no timer is left', async () => {
  const clock = new VirtualClock();
  const queue = new WorkQueue(clock);
  queue.add('a');
  queue.add('b');
  queue.doneAfter((await queue.get())!, 5000);
  const key = (await queue.get())!;
  queue.shutDown();
  queue.doneAfter(key, 5000);
  assert.equal(clock.pendingTimers(), 0);
});

test('work queue – keys lose hundreds of races and are woken each time – the retry of another key comes within two turns', async () => {
  const clock = new VirtualClock();
  const queue = new WorkQueue(clock);
  for (let i = 0; i < 500; i++) {
    queue.add(`loop-${i % 2}`);
    const key = (await queue.get())!;
    queue.addRateLimited(key);
    queue.forget(key);
    queue.done(key);
    await clock.advance(i % 2 === 0 ? 2 : 20);
    queue.add(key);
    assert.equal(await queue.get(), key);
    queue.done(key);
  }
  queue.addRateLimited('other');
  await clock.advance(200);
  assert.equal(queue.length, 1);
});

test('work queue – thousands of keys with long delays – do not put off the first retry of a new one', async () => {
  const clock = new VirtualClock();
  const queue = new WorkQueue(clock);
  for (let i = 0; i < 36_000; i++) {
    queue.addRateLimited(`refused-${i % 2_000}`);
  }
  await clock.advance(20_000);
  queue.addRateLimited('other');
  await clock.advance(5);
  assert.equal(queue.length, 1);
});

test('work queue – a key that waits for its turn is added – its turn goes to the next', async () => {
  const clock = new VirtualClock();
  const queue = new WorkQueue(clock);
  for (let i = 0; i < 150; i++) queue.addRateLimited(`key-${i}`);
  await clock.advance(5);
  assert.equal(queue.length, 100);
  for (let i = 100; i < 150; i++) queue.add(`key-${i}`);
  queue.addRateLimited('other');
  await clock.advance(10);
  assert.equal(queue.length, 150);
  await clock.advance(100);
  assert.equal(queue.length, 151);
});
