import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readPressure } from './pressure.ts';

function groupOf(t: TestContext, files: Readonly<Record<string, string>>): string {
  const dir = mkdtempSync(join(tmpdir(), 'cgroup-'));
  t.after(() => rmSync(dir, { recursive: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
  return dir;
}

test('the pressure of a group – of a kernel that measures it – has what some and all processes waited', async (t) => {
  const dir = groupOf(t, {
    'cpu.pressure':
      'some avg10=0.22 avg60=0.17 avg300=1.11 total=58761459\nfull avg10=0.01 avg60=0.00 avg300=0.50 total=31\n',
    'memory.pressure': 'some avg10=0.00 avg60=0.00 avg300=0.00 total=7\n',
  });
  const none = { totalMicros: 0, avg10: 0, avg60: 0, avg300: 0 };
  assert.deepEqual(await readPressure(dir), {
    cpu: {
      some: { totalMicros: 58_761_459, avg10: 0.22, avg60: 0.17, avg300: 1.11 },
      full: { totalMicros: 31, avg10: 0.01, avg60: 0, avg300: 0.5 },
    },
    memory: { some: { ...none, totalMicros: 7 }, full: none },
    io: undefined,
  });
});

test('the pressure of a group – of a kernel that does not measure it – is unknown', async (t) => {
  assert.equal(await readPressure(groupOf(t, {})), undefined);
});
