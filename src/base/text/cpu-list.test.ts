import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cpuListText, parseCpuList } from './cpu-list.ts';

const lists: [text: string, cpus: number[], written: string][] = [
  ['', [], ''],
  ['5', [5], '5'],
  ['0-3,7', [0, 1, 2, 3, 7], '0-3,7'],
  ['7,3,2,1-1', [7, 3, 2, 1], '1-3,7'],
  ['0-1,1-2', [0, 1, 2], '0-2'],
];

for (const [text, cpus, written] of lists) {
  test(`a list of processors – ${JSON.stringify(text)} – is ${JSON.stringify(cpus)}, written ${JSON.stringify(written)}`, () => {
    assert.deepEqual([...parseCpuList(text)], cpus);
    assert.equal(cpuListText(parseCpuList(text)), written);
  });
}

const invalid: [text: string, message: string][] = [
  ['asd', 'strconv.Atoi: parsing "asd": invalid syntax'],
  ['1.3', 'strconv.Atoi: parsing "1.3": invalid syntax'],
  ['1-', 'strconv.Atoi: parsing "": invalid syntax'],
  ['3-1', 'invalid range "3-1" (3 > 1)'],
  ['0-9999999999', 'strconv.Atoi: parsing "9999999999": value out of range'],
];

for (const [text, message] of invalid) {
  test(`a list of processors – ${text} – is rejected: ${message}`, () =>
    assert.throws(() => parseCpuList(text), { message }));
}
