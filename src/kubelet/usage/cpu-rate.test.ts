import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type CpuPoint, cpuRate } from './cpu-rate.ts';
import type { CpuRate } from './usage.ts';

const at = (seconds: number, cpuSeconds: number): CpuPoint => ({
  atMs: seconds * 1000,
  cpuNanos: cpuSeconds * 1e9,
});
const rate = (seconds: number, cores: number): CpuRate => ({
  windowMs: seconds * 1000,
  nanoCores: cores * 1e9,
});

describe('a CPU rate – by the earlier points', () => {
  const last = at(100, 10);
  const cases: [name: string, earlier: CpuPoint[], wanted: CpuRate | undefined][] = [
    ['is unknown without any', [], undefined],
    ['is unknown where the only one is less than a second old', [at(99.5, 9)], undefined],
    ['goes by the only one', [at(96, 8)], rate(4, 0.5)],
    ['goes by the newest that is ten seconds old', [at(70, 0), at(85, 4), at(95, 9)], rate(15, 0.4)],
    ['goes by the oldest where none is ten seconds old', [at(92, 6), at(97, 9)], rate(8, 0.5)],
    ['ignores what was measured long before', [at(5, 0), at(98, 9)], rate(2, 0.5)],
    ['is unknown where all was measured long before', [at(5, 0)], undefined],
    ['is zero where nothing ran', [at(90, 10)], rate(10, 0)],
    ['ignores a count that has shrunk: the group was made again', [at(80, 50), at(95, 5)], rate(5, 1)],
  ];
  for (const [name, earlier, wanted] of cases) {
    test(name, () => assert.deepEqual(cpuRate(last, earlier), wanted));
  }
});
