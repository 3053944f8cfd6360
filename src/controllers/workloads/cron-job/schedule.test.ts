import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { answerOf, upstreamTable } from '#testing/upstream-table.ts';
import { parseCron } from './schedule.ts';

/** The next four times, as in the table: an empty cell stands for never. */
function nextTimes(schedule: string, zone: string, start: string): string {
  const cron = parseCron(schedule, zone || 'UTC');
  const times: string[] = [];
  let atMs: number | undefined = Date.parse(start);
  while (times.length < 4 && atMs !== undefined) {
    atMs = cron.next(atMs);
    times.push(atMs === undefined ? '' : new Date(atMs).toISOString().replace('.000', ''));
  }
  return times.join(' ');
}

test('schedules – read, refused and due as robfig/cron has them, also where clocks are moved', () => {
  for (const [schedule = '', zone = '', start = '', answer] of upstreamTable('cron.jsonl')) {
    assert.equal(
      answerOf(() => nextTimes(schedule, zone, start)),
      answer,
      `${schedule} in ${zone} from ${start}`,
    );
  }
});

const at = (text: string) => Date.parse(text);

describe('schedules – due as cron says', () => {
  const cases: [string, string, string, string?][] = [
    ['*/5 * * * *', '2026-01-01T00:02:30Z', '2026-01-01T00:05:00Z'],
    ['*/5 * * * *', '2026-01-01T00:05:00Z', '2026-01-01T00:10:00Z'],
    ['0 9-17/4 * * mon-fri', '2026-01-02T17:30:00Z', '2026-01-05T09:00:00Z'],
    ['0 0 29 feb *', '2026-01-01T00:00:00Z', '2028-02-29T00:00:00Z'],
    ['0 0 13 * 5', '2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'],
    ['*/1 * 1 * mon', '2026-01-01T00:00:00Z', '2026-01-01T00:01:00Z'],
    ['@hourly', '2026-01-01T00:59:59Z', '2026-01-01T01:00:00Z'],
    ['@every 90m', '2026-01-01T00:00:00Z', '2026-01-01T01:30:00Z'],
    ['30 8 * * *', '2026-07-01T00:00:00Z', '2026-07-01T06:30:00Z', 'Europe/Berlin'],
    ['30 8 * * *', '2026-01-01T00:00:00Z', '2026-01-01T07:30:00Z', 'Europe/Berlin'],
  ];
  for (const [text, after, next, zone] of cases) {
    test(`a schedule – ${text} after ${after} ${zone ?? ''} – has this next time`, () => {
      assert.equal(parseCron(text, zone).next(at(after)), at(next));
    });
  }
  test('a schedule – of a day that does not exist – has no next time', () => {
    assert.equal(parseCron('0 0 31 2 *').next(at('2026-01-01T00:00:00Z')), undefined);
  });
  for (const wrong of ['* * * *', '60 * * * *', '5-1 * * * *', '*/0 * * * *', 'x * * * *', '@every soon']) {
    test(`a schedule – ${wrong} – is rejected`, () => assert.throws(() => parseCron(wrong)));
  }
});
