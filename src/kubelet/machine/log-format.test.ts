import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { messageOf, parseLogLine, printedTime } from './log-format.ts';

const time = '2026-01-02T03:04:05.678901234Z';

test('a line of a log – as the runtime writes it – has time, stream, tag and message', () => {
  assert.deepEqual(parseLogLine(`${time} stderr F a  b `), {
    time,
    stream: 'stderr',
    full: true,
    message: 'a  b ',
  });
  assert.equal(messageOf(`${time} stdout F `), '\n');
  assert.equal(messageOf(`${time} stdout P half`), 'half');
  assert.equal(messageOf(`${time} stdout P:more half`), 'half');
  assert.equal(messageOf(`${time} stdout Private whole`), 'whole\n');
});

describe('a line of a log – as the runtime would not write it – is skipped', () => {
  for (const line of ['', 'x', `${time} stdout F`, `${time} stdin F x`, 'today stdout F x', ' stdout F x']) {
    test(JSON.stringify(line), () => {
      assert.equal(parseLogLine(line), undefined);
    });
  }
});

describe('a printed time – of a log line – has nine digits', () => {
  const cases: [time: string, printed: string][] = [
    [time, time],
    ['2026-01-02T03:04:05Z', '2026-01-02T03:04:05.000000000Z'],
    ['2026-01-02T03:04:05.5+02:00', '2026-01-02T03:04:05.500000000+02:00'],
    ['2026-01-02T03:04:05.1234567891Z', '2026-01-02T03:04:05.123456789Z'],
  ];
  for (const [given, printed] of cases) {
    test(given, () => {
      assert.equal(printedTime(given), printed);
    });
  }
});
