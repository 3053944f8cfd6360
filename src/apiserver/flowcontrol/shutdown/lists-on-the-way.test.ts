import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { ListsOnTheWay } from './lists-on-the-way.ts';

function setUp() {
  const clock = new VirtualClock();
  const lists = new ListsOnTheWay(clock);
  let isIdle = false;
  const wait = () => void lists.idle(60_000).then(() => (isIdle = true));
  return { clock, lists, wait, isIdle: () => isIdle };
}

test('a shutdown – with a list that its client reads – waits for the end of the list', async () => {
  const { clock, lists, wait, isIdle } = setUp();
  const list = lists.begin();
  wait();
  for (let i = 0; i < 5; i++) {
    await clock.advance(1500);
    list.sent();
  }
  assert.equal(isIdle(), false);
  list.over();
  await clock.advance(100);
  assert.equal(isIdle(), true);
});

test('a shutdown – with a list that its client does not read – does not wait for it', async () => {
  const { clock, lists, wait, isIdle } = setUp();
  lists.begin();
  wait();
  await clock.advance(1900);
  assert.equal(isIdle(), false);
  await clock.advance(200);
  assert.equal(isIdle(), true);
});

test('a shutdown – with a list without end – waits a minute', async () => {
  const { clock, lists, wait, isIdle } = setUp();
  const list = lists.begin();
  wait();
  for (let i = 0; i < 59; i++) {
    await clock.advance(1000);
    list.sent();
  }
  assert.equal(isIdle(), false);
  await clock.advance(1100);
  assert.equal(isIdle(), true);
});
