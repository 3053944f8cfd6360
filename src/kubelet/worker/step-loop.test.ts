import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { StepLoop } from './step-loop.ts';

/** A loop whose steps are ended by the test, with the time until the next. */
function setUp() {
  const clock = new VirtualClock();
  const state = { begun: 0 };
  let end: (nextInMs?: number) => void = () => assert.fail('no step is under way');
  const loop = new StepLoop(clock, () => {
    state.begun++;
    return new Promise((resolve) => {
      end = resolve;
    });
  });
  const endStep = async (nextInMs?: number) => {
    end(nextInMs);
    await new Promise(setImmediate);
  };
  return { clock, loop, state, endStep };
}

test('steps – poked while one is under way – follow it once, never beside it', async () => {
  const { loop, state, endStep } = setUp();
  for (let i = 0; i < 3; i++) loop.poke();
  assert.equal(state.begun, 1);
  await endStep();
  assert.equal(state.begun, 2);
  await endStep();
  assert.equal(state.begun, 2);
  loop.poke();
  assert.equal(state.begun, 3);
});

test('a step – that asks for another – gets it at that time, or at once', async () => {
  const { clock, loop, state, endStep } = setUp();
  loop.poke();
  await endStep(0);
  assert.equal(state.begun, 2);
  await endStep(5000);
  await clock.advance(4999);
  assert.equal(state.begun, 2);
  await clock.advance(1);
  assert.equal(state.begun, 3);
});

test('the timer of a step – another step comes before it – is void', async () => {
  const { clock, loop, state, endStep } = setUp();
  loop.poke();
  loop.poke();
  await endStep(5000);
  await endStep();
  await clock.advance(10_000);
  assert.equal(state.begun, 2);
});

test('a loop – that is held – takes no step until its release', async () => {
  const { loop, state } = setUp();
  loop.hold();
  loop.poke();
  assert.equal(state.begun, 0);
  loop.release();
  assert.equal(state.begun, 1);
});

test('a loop that is stopped – during a step, before a timer, while held – takes no other', async () => {
  const during = setUp();
  during.loop.poke();
  during.loop.poke();
  during.loop.stop();
  await during.endStep(0);
  const waiting = setUp();
  waiting.loop.poke();
  await waiting.endStep(1000);
  waiting.loop.stop();
  const held = setUp();
  held.loop.hold();
  held.loop.stop();
  held.loop.release();
  for (const { clock, loop } of [during, waiting, held]) {
    loop.poke();
    await clock.advance(5000);
  }
  assert.deepEqual([during.state.begun, waiting.state.begun, held.state.begun], [1, 1, 0]);
});
