import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { planChangesMax, WritePace } from './write-pace.ts';

const int32Max = 2 ** 31 - 1;

function asking(clock = new VirtualClock()) {
  const pace = new WritePace(clock);
  const ask = pace.allowances();
  const drain = () => {
    const given: number[] = [];
    for (let { count } = ask(int32Max); count > 0; { count } = ask(int32Max)) given.push(count);
    return given;
  };
  return { clock, pace, ask, drain };
}

const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);

test('write pace – sets that want many objects – get a burst, then a few at a time at a steady rate', async () => {
  const { clock, drain } = asking();
  const burst = drain();
  assert.equal(sum(burst), 10_000);
  assert.equal(burst[0], planChangesMax);
  assert.deepEqual(drain(), []);
  await clock.advance(1_000);
  assert.deepEqual(drain(), [20, 20, 20, 20, 20], 'a hundred a second, for several to share');
});

test('write pace – sets that want a few objects – never wait, and do not reduce the shared allowance', async () => {
  const { clock, ask, drain } = asking();
  drain();
  for (let i = 0; i < 1_000; i++) assert.equal(ask(20).count, 20);
  assert.equal(ask(3).count, 3);
  assert.equal(ask(21).count, 0);
  await clock.advance(1_000);
  assert.equal(sum(drain()), 100);
});

test('write pace – allowed objects that were not created – are given back with their weight, up to the burst', () => {
  const { pace, ask, drain } = asking();
  drain();
  pace.giveBack(ask(20), 20);
  assert.deepEqual(drain(), [], 'what was not taken does not come back');
  const many = asking();
  const allowed = many.ask(400, { weight: 10 });
  assert.equal(allowed.count, 400);
  many.pace.giveBack(allowed, 400);
  assert.equal(sum(many.drain()), 10_000);
  many.pace.giveBack(allowed, 100_000);
  assert.equal(sum(many.drain()), 10_000);
});

test('write pace – objects that come with each object – count too', () => {
  const { ask } = asking();
  assert.equal(ask(400, { weight: 10 }).count, 400);
  assert.equal(ask(400, { weight: 100 }).count, 20);
});

test('write pace – replacements of failed pods – a burst of 30, then ten a second, for each controller', async () => {
  const { clock, pace, ask } = asking();
  assert.equal(ask(100, { replacing: 100 }).count, 30);
  assert.equal(ask(1, { replacing: 1 }).count, 0);
  assert.equal(ask(15, { replacing: 5 }).count, 10, 'others do not wait for them');
  assert.equal(pace.allowances()(1, { replacing: 1 }).count, 1);
  let made = 0;
  for (let i = 0; i < 600; i++) {
    await clock.advance(100);
    made += ask(1, { replacing: 1 }).count;
  }
  assert.equal(made, 600, 'in a minute');
  for (let i = 0; i < 50; i++) made += ask(1, { replacing: 1 }).count;
  assert.equal(made, 600);
});
