/** Long work shares the event loop with everything else, in turns. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { StepQueue } from '../../list-encodings/step-queue.ts';

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Each look at it moves it on. */
class BusyClock extends VirtualClock {
  #nowMs = 0;
  override monotonicMs(): number {
    this.#nowMs += 3;
    return this.#nowMs;
  }
}

test('work – of ten steps – takes ten turns of the event loop', async () => {
  const steps = new StepQueue(new VirtualClock());
  let left = 10;
  const step = () => {
    if (--left > 0) steps.run(step);
  };
  steps.run(step);
  for (let turns = 0; left > 0; turns++) {
    assert.equal(left, 10 - turns);
    await nextTurn();
  }
  assert.equal(steps.turns, 10);
});

test('many steps – the time of a turn is up – the rest comes in the next turns, in order', async () => {
  const steps = new StepQueue(new BusyClock());
  const done: number[] = [];
  for (let i = 0; i < 6; i++) steps.run(() => done.push(i));
  await nextTurn();
  assert.ok(done.length > 0 && done.length < 6, `${done.length} in the first turn`);
  while (done.length < 6) await nextTurn();
  assert.deepEqual(done, [0, 1, 2, 3, 4, 5]);
});

test('what may be short – the turn has time – is done at once; it has none – in a later one, before what is long', async () => {
  const steps = new StepQueue(new BusyClock());
  const done: string[] = [];
  for (const name of ['a', 'b', 'c']) steps.run(() => done.push(`long ${name}`));
  const answers = ['a', 'b', 'c'].map((name) => steps.soon(() => done.push(`short ${name}`)));
  assert.equal(typeof answers[0], 'number');
  assert.ok(answers.at(-1) instanceof Promise);
  await Promise.all(answers);
  while (done.length < 6) await nextTurn();
  assert.ok(done.indexOf('short c') < done.indexOf('long b'), done.join());
});

test('what may be short – it throws – its waiters reject too', async () => {
  const steps = new StepQueue(new BusyClock());
  const work = () => {
    throw new Error('no');
  };
  assert.throws(() => steps.soon(work), /no/);
  steps.soon(() => {});
  await assert.rejects(async () => steps.soon(work), /no/);
});

test('the turns of the event loop – connections come in – are short ones in between', async () => {
  const doneInOneTurn = async (connected: boolean) => {
    const clock = new BusyClock();
    const steps = new StepQueue(clock);
    let done = 0;
    for (let i = 0; i < 6; i++) steps.run(() => done++);
    if (connected) steps.giveWay();
    while (done === 0) await nextTurn();
    return done;
  };
  assert.ok((await doneInOneTurn(true)) < (await doneInOneTurn(false)));
});

test('connections that come in – get the turn; a stream of them – holds the work up for some turns only', async () => {
  const steps = new StepQueue(new VirtualClock());
  let done = 0;
  let isOver = false;
  const step = () => {
    done++;
    if (!isOver) steps.run(step);
  };
  steps.run(step);
  steps.giveWay();
  await nextTurn();
  assert.equal(done, 0);
  await nextTurn();
  assert.equal(done, 1);
  for (let turn = 0; turn < 90; turn++) {
    steps.giveWay();
    await nextTurn();
  }
  isOver = true;
  assert.ok(done >= 10 && done <= 12, `${done} steps`);
});
