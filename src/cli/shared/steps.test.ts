import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type StepMessage, showSteps } from './steps.ts';

const plan: StepMessage = { type: 'plan', steps: ['store', 'server'] };
const done: StepMessage = { type: 'done', step: 'store', durationMs: 1500 };
const failed: StepMessage = { type: 'failed', message: 'port taken', hint: 'use --port 0' };
const ended = { message: 'the process ended while it was starting' };
const rows: [title: string, messages: StepMessage[], printed: string[], failure: object | undefined][] = [
  ['ready', [plan, done, { type: 'ready' }], ['✔ store [1.5 s]'], undefined],
  ['failed', [plan, done, failed], ['✔ store [1.5 s]', '✖ server'], failed],
  ['ended without a word', [plan], ['✖ store'], ended],
  ['ended before its plan', [], [], ended],
];

for (const [title, messages, printed, failure] of rows) {
  test(`a start – ${title}, in a file – each step has a line`, async (t) => {
    const log = t.mock.method(console, 'log', () => undefined);
    const { isTTY } = process.stdout;
    process.stdout.isTTY = false;
    t.after(() => {
      process.stdout.isTTY = isTTY;
    });
    assert.deepEqual(await showSteps(ReadableStream.from(messages), assert.fail), failure);
    assert.deepEqual(
      log.mock.calls.map((call) => (call as unknown as { arguments: unknown[] }).arguments[0]),
      printed,
    );
  });
}

test('a warning – during a start – is given on after the steps', async () => {
  const warnings: string[] = [];
  const messages: StepMessage[] = [{ type: 'warning', text: 'slow disk' }, { type: 'ready' }];
  assert.equal(await showSteps(ReadableStream.from(messages), (text) => warnings.push(text)), undefined);
  assert.deepEqual(warnings, ['slow disk']);
});
