/** Upstream's cases of `TestGroupByPriority`. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storedPod } from '#testing/objects.ts';
import { shutdownGroups } from './shutdown-groups.ts';

const entry = (name: string, priority?: number) => ({
  pod: storedPod(name, { spec: { containers: [], ...(priority === undefined ? {} : { priority }) } }),
});
const pods = [
  entry('none'),
  entry('low', -100),
  entry('zero', 0),
  entry('middle', 999),
  entry('bound', 1000),
  entry('high', 1500),
  entry('critical', 2_000_000_000),
];

const table: [what: string, periods: [priority: number, graceSeconds: number][], groups: string[]][] = [
  ['of one period', [[0, 10]], ['10s: none low zero middle bound high critical']],
  [
    'of several periods',
    [
      [0, 10],
      [1000, 20],
      [2_000_000_000, 5],
    ],
    ['10s: none low zero middle', '20s: bound high', '5s: critical'],
  ],
  [
    'below the lowest period',
    [
      [1000, 1],
      [1200, 2],
      [3_000_000_000, 3],
    ],
    ['1s: none low zero middle bound', '2s: high critical'],
  ],
];

for (const [what, periods, groups] of table) {
  test(`pods of a shutdown – ${what} – are in groups, of which none is empty`, () => {
    const found = shutdownGroups(
      periods.map(([priority, graceSeconds]) => ({ priority, graceSeconds })),
      pods,
    );
    const texts = found.map(
      ({ graceSeconds, pods }) => `${graceSeconds}s: ${pods.map(({ pod }) => pod.metadata.name).join(' ')}`,
    );
    assert.deepEqual(texts, groups);
  });
}
