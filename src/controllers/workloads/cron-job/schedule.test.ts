import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerOf, upstreamTable } from '#testing/upstream-table.ts';
import { parseCron } from './schedule.ts';

/** The next four times, as the table has them: nothing stands for never. */
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
