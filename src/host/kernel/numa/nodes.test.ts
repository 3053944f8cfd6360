import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readNumaNodes } from './nodes.ts';

function systemDir(t: TestContext, nodes: Record<string, string>): string {
  const dir = mkdtempSync(join(tmpdir(), 'kybern-numa-'));
  t.after(() => rmSync(dir, { recursive: true }));
  for (const [name, distances] of Object.entries(nodes)) {
    mkdirSync(join(dir, 'node', name), { recursive: true });
    writeFileSync(join(dir, 'node', name, 'distance'), `${distances}\n`);
  }
  return dir;
}

test('NUMA nodes – of a machine with two – are read with their distances, in their order', async (t) => {
  const dir = systemDir(t, { node1: '20 10', node0: '10 20' });
  assert.deepEqual(await readNumaNodes(dir), [
    { id: 0, distances: [10, 20] },
    { id: 1, distances: [20, 10] },
  ]);
});

test('NUMA nodes – of a kernel without NUMA – are one', async (t) => {
  assert.deepEqual(await readNumaNodes(systemDir(t, {})), [{ id: 0, distances: [10] }]);
});

test('NUMA nodes – of this machine – are at least one', async () => {
  assert.ok((await readNumaNodes()).length > 0);
});
