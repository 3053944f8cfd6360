import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readNumaMemory } from './memory.ts';

function machine(t: TestContext, files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), 'kybern-numa-'));
  t.after(() => rmSync(root, { recursive: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    writeFileSync(join(root, path), `${text}\n`);
  }
  return root;
}

test('memory of NUMA nodes – of a machine with huge pages – is read in bytes', async (t) => {
  const node = 'sys/devices/system/node';
  const root = machine(t, {
    [`${node}/node0/meminfo`]: 'Node 0 MemTotal:       1024 kB',
    [`${node}/node0/hugepages/hugepages-2048kB/nr_hugepages`]: '3',
    [`${node}/node1/meminfo`]: 'Node 1 MemTotal:       2048 kB',
    [`${node}/node1/hugepages/hugepages-1048576kB/nr_hugepages`]: '0',
  });
  assert.deepEqual(
    await readNumaMemory(root),
    new Map([
      [0, { memory: 2 ** 20, 'hugepages-2Mi': 3 * 2 ** 21 }],
      [1, { memory: 2 ** 21, 'hugepages-1Gi': 0 }],
    ]),
  );
});

test('memory of NUMA nodes – of a kernel without NUMA – is that of the machine', async (t) => {
  const root = machine(t, {
    'proc/meminfo': 'MemTotal:       1024 kB',
    'sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages': '1',
  });
  assert.deepEqual(await readNumaMemory(root), new Map([[0, { memory: 2 ** 20, 'hugepages-2Mi': 2 ** 21 }]]));
});
