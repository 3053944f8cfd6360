/** What a node does over time, look by look: `30s: 900Mi` is a look with so much memory left. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readThresholds, type Signal, type ThresholdTexts } from '#api/configuration/kubelet/thresholds.ts';
import { quantityValue } from '#api/values/quantity.ts';
import { nextPressure, noPressure } from './pressure-state.ts';

const memory = 'memory.available';
const hard: ThresholdTexts = { evictionHard: { [memory]: '1Gi' } };
const soft: ThresholdTexts = {
  evictionHard: { [memory]: '1Gi' },
  evictionSoft: { [memory]: '2Gi' },
  evictionSoftGracePeriod: { [memory]: '60s' },
};
const reclaim: ThresholdTexts = { ...hard, evictionMinimumReclaim: { [memory]: '500Mi' } };
const share: ThresholdTexts = { evictionHard: { [memory]: '10%' } };

type Look = [atSeconds: number, left: Partial<Record<Signal, string>>, shows: string];

/** Each look shows the conditions, and the signals that ask for an eviction with their amounts. */
const table: [what: string, texts: ThresholdTexts, looks: Look[]][] = [
  [
    'a hard threshold',
    hard,
    [
      [0, { [memory]: '1Gi' }, ''],
      [10, { [memory]: '1023Mi' }, 'MemoryPressure: memory.available<1Gi'],
      [20, { [memory]: '2Gi' }, 'MemoryPressure'],
      [309, { [memory]: '2Gi' }, 'MemoryPressure'],
      [310, { [memory]: '2Gi' }, ''],
    ],
  ],
  [
    'a share of 10 GiB',
    share,
    [
      [0, { [memory]: '1025Mi' }, ''],
      [10, { [memory]: '1023Mi' }, 'MemoryPressure: memory.available<10%'],
    ],
  ],
  [
    'a soft threshold within its grace period',
    soft,
    [
      [0, { [memory]: '1500Mi' }, 'MemoryPressure'],
      [59, { [memory]: '1500Mi' }, 'MemoryPressure'],
      [60, { [memory]: '1500Mi' }, 'MemoryPressure: memory.available<2Gi'],
    ],
  ],
  [
    'a soft threshold that was not met meanwhile',
    soft,
    [
      [0, { [memory]: '1500Mi' }, 'MemoryPressure'],
      [30, { [memory]: '3Gi' }, 'MemoryPressure'],
      [60, { [memory]: '1500Mi' }, 'MemoryPressure'],
      [120, { [memory]: '1500Mi' }, 'MemoryPressure: memory.available<2Gi'],
    ],
  ],
  [
    'a hard threshold below a soft one',
    soft,
    [
      [0, { [memory]: '900Mi' }, 'MemoryPressure: memory.available<1Gi'],
      [60, { [memory]: '900Mi' }, 'MemoryPressure: memory.available<1Gi memory.available<2Gi'],
    ],
  ],
  [
    'a minimum reclaim',
    reclaim,
    [
      [0, { [memory]: '1200Mi' }, ''],
      [10, { [memory]: '1000Mi' }, 'MemoryPressure: memory.available<1Gi'],
      [20, { [memory]: '1200Mi' }, 'MemoryPressure: memory.available<1Gi'],
      [30, { [memory]: '1524Mi' }, 'MemoryPressure'],
      [40, { [memory]: '1200Mi' }, 'MemoryPressure'],
    ],
  ],
  [
    'several resources, memory first',
    { evictionHard: { 'nodefs.inodesFree': '1k', 'pid.available': '100', [memory]: '1Gi' } },
    [
      [
        0,
        { 'nodefs.inodesFree': '999', 'pid.available': '99', [memory]: '1' },
        'DiskPressure,PIDPressure,MemoryPressure: memory.available<1Gi nodefs.inodesFree<1k pid.available<100',
      ],
    ],
  ],
  [
    'a signal that is not observed',
    { evictionHard: { 'imagefs.inodesFree': '5%' } },
    [[0, { [memory]: '1' }, '']],
  ],
];

const capacity = 10 * 2 ** 30;

for (const [what, texts, looks] of table) {
  test(`the pressure of a node – ${what} – is reported and acted on`, () => {
    const rules = { thresholds: readThresholds(texts, false), pressureTransitionMs: 300_000 };
    let state = noPressure;
    const shown = looks.map(([atSeconds, left]) => {
      const found = Object.entries(left).map(
        ([signal, text]): [Signal, { available: number; capacity: number }] => [
          signal as Signal,
          { available: quantityValue(text), capacity },
        ],
      );
      state = nextPressure(rules, state, new Map(found), atSeconds * 1000);
      const starving = state.starving.map(
        ({ signal, amount }) =>
          `${signal}<${'quantity' in amount ? amount.quantity : `${Math.round(amount.share * 100)}%`}`,
      );
      return [[...state.conditions].join(','), starving.join(' ')].filter(Boolean).join(': ');
    });
    assert.deepEqual(
      shown,
      looks.map(([, , shows]) => shows),
    );
  });
}
