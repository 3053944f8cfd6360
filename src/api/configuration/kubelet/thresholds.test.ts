/** Upstream's cases of `TestParseThresholdConfig`, and what it says of invalid ones. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type EvictionThreshold, readThresholds, type ThresholdTexts } from './thresholds.ts';

/** `memory.available<150Mi grace 30s reclaim 0`. */
function textOf({ signal, amount, graceMs, minReclaim }: EvictionThreshold): string {
  const write = (value: EvictionThreshold['amount']) =>
    'quantity' in value ? String(value.quantity) : `${Number((value.share * 100).toPrecision(6))}%`;
  const grace = graceMs > 0 ? ` grace ${graceMs / 1000}s` : '';
  return `${signal}<${write(amount)}${grace}${minReclaim ? ` reclaim ${write(minReclaim)}` : ''}`;
}

const grace = { 'memory.available': '30s' };

const valid: [what: string, texts: ThresholdTexts, enforcesPods: boolean, thresholds: string[]][] = [
  ['nothing at all', { evictionHard: {} }, false, []],
  [
    'the defaults',
    {},
    false,
    [
      'memory.available<100Mi',
      'nodefs.available<5%',
      'nodefs.inodesFree<5%',
      'imagefs.available<5%',
      'imagefs.inodesFree<5%',
    ],
  ],
  [
    'memory, of the machine and of all pods',
    {
      evictionHard: { 'memory.available': '150Mi' },
      evictionMinimumReclaim: { 'memory.available': '0' },
    },
    true,
    ['memory.available<150Mi reclaim 0', 'allocatableMemory.available<150Mi reclaim 0'],
  ],
  [
    'a soft threshold, which is none of all pods',
    {
      evictionHard: { 'memory.available': '150Mi' },
      evictionSoft: { 'memory.available': '300Mi' },
      evictionSoftGracePeriod: grace,
    },
    true,
    ['memory.available<150Mi', 'memory.available<300Mi grace 30s', 'allocatableMemory.available<150Mi'],
  ],
  [
    'percentages',
    {
      evictionHard: { 'memory.available': '10%', 'nodefs.available': '7.5%' },
      evictionSoft: { 'memory.available': '30%' },
      evictionSoftGracePeriod: grace,
      evictionMinimumReclaim: { 'memory.available': '5%' },
    },
    false,
    ['memory.available<10% reclaim 5%', 'nodefs.available<7.5%', 'memory.available<30% grace 30s reclaim 5%'],
  ],
  [
    '0% and 100%, which are no thresholds',
    { evictionHard: { 'memory.available': '0%', 'pid.available': '100%' } },
    true,
    [],
  ],
  ['process ids', { evictionHard: { 'pid.available': '1k' } }, true, ['pid.available<1k']],
  ['containerfs, which follows others', { evictionHard: { 'containerfs.available': '1Gi' } }, true, []],
];

for (const [what, texts, enforcesPods, thresholds] of valid) {
  test(`eviction thresholds – ${what} – are read`, () =>
    assert.deepEqual(readThresholds(texts, enforcesPods).map(textOf), thresholds));
}

const hard = (text: string): ThresholdTexts => ({ evictionHard: { 'memory.available': text } });
const reclaim = (text: string): ThresholdTexts => ({ evictionMinimumReclaim: { 'memory.available': text } });
const softFor = (text: string): ThresholdTexts => ({ evictionSoftGracePeriod: { 'memory.available': text } });

const invalid: [what: string, texts: ThresholdTexts, error: string][] = [
  [
    'an unknown signal',
    { evictionHard: { 'mem.available': '1Gi' } },
    'unsupported eviction signal mem.available',
  ],
  [
    'no quantity',
    hard('150Lots'),
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
  ],
  ['a negative quantity', hard('-150Mi'), 'eviction threshold memory.available must be positive: -150Mi'],
  ['zero', hard('0'), 'eviction threshold memory.available must be positive: 0'],
  [
    'a negative percentage',
    hard('-15%'),
    'eviction percentage threshold memory.available must be >= 0%: -15%',
  ],
  ['more than all', hard('101%'), 'eviction percentage threshold memory.available must be <= 100%: 101%'],
  ['no percentage', hard('many%'), 'strconv.ParseFloat: parsing "many": invalid syntax'],
  [
    'a soft threshold without its grace period',
    { evictionSoft: { 'pid.available': '5%' } },
    'grace period must be specified for the soft eviction threshold pid.available',
  ],
  [
    'a negative grace period',
    softFor('-30s'),
    'invalid eviction grace period specified: -30s, must be a positive value',
  ],
  ['no grace period', softFor('soon'), 'time: invalid duration "soon"'],
  [
    'a negative reclaim',
    reclaim('-300Mi'),
    'negative eviction minimum reclaim specified for memory.available',
  ],
  [
    'a reclaim of 0%',
    reclaim('0%'),
    'eviction percentage minimum reclaim memory.available must be positive: 0%',
  ],
];

for (const [what, texts, error] of invalid) {
  test(`eviction thresholds – ${what} – are rejected: ${error}`, () =>
    assert.throws(() => readThresholds(texts, true), { message: `kubelet: ${error}` }));
}
