import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reportedStats } from './stats.ts';

const bytes = { unit: 'BYTES', available: 60, total: 100, used: 30 } as const;
const inodes = { unit: 'INODES', available: 6, total: 10, used: 3 } as const;

test('a driver – reports bytes and inodes – has both, as it reports them', () => {
  assert.deepEqual(reportedStats([bytes, inodes]), {
    room: { bytes: { available: 60, capacity: 100 }, inodes: { available: 6, capacity: 10 } },
    use: { bytes: 30, inodes: 3 },
  });
});

test('a driver – reports bytes twice and a unit that is not known – has the later, and no inodes', () => {
  assert.deepEqual(reportedStats([{ ...bytes, used: 1 }, { ...inodes, unit: 'UNKNOWN' }, bytes]), {
    room: { bytes: { available: 60, capacity: 100 }, inodes: { available: 0, capacity: 0 } },
    use: { bytes: 30, inodes: 0 },
  });
});

test('a driver – reports amounts below 0 – has none of them', () => {
  const least = -(2 ** 63);
  const wrong = { available: least, total: -1, used: -5 };
  assert.deepEqual(
    reportedStats([
      { ...bytes, ...wrong },
      { ...inodes, ...wrong, total: 10 },
    ]),
    {
      room: { bytes: { available: 0, capacity: 0 }, inodes: { available: 0, capacity: 10 } },
      use: { bytes: 0, inodes: 0 },
    },
  );
});

test('a driver – reports no usage – fails', () => {
  assert.throws(() => reportedStats([]), {
    message: 'kubernetes.io/csi: failed to get usage from response. usage is nil',
  });
});
