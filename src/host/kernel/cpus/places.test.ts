import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { after, test } from 'node:test';
import { readCpuPlaces } from './places.ts';

const dir = mkdtempSync(`${tmpdir()}/kybern-cpus-`);
after(() => rmSync(dir, { recursive: true }));

interface FakeCpu {
  readonly siblings: string;
  readonly socket: string;
  readonly node?: number;
  /** The processors that share its last cache, by the id of that. */
  readonly cache?: readonly [id: number, cpus: string];
}

function fakeMachine(name: string, online: string, cpus: readonly FakeCpu[]): string {
  const root = `${dir}/${name}`;
  cpus.forEach(({ siblings, socket, node, cache }, id) => {
    mkdirSync(`${root}/cpu/cpu${id}/topology`, { recursive: true });
    writeFileSync(`${root}/cpu/cpu${id}/topology/thread_siblings_list`, `${siblings}\n`);
    writeFileSync(`${root}/cpu/cpu${id}/topology/physical_package_id`, `${socket}\n`);
    if (node !== undefined) mkdirSync(`${root}/cpu/cpu${id}/node${node}`);
    if (!cache) return;
    for (const [level, files] of [
      [2, { level: 2 }],
      [3, { level: 3, id: cache[0], shared_cpu_list: cache[1] }],
    ] as const) {
      const index = `${root}/cpu/cpu${id}/cache/index${level}`;
      mkdirSync(index, { recursive: true });
      for (const [file, text] of Object.entries(files)) writeFileSync(`${index}/${file}`, `${text}\n`);
    }
  });
  writeFileSync(`${root}/cpu/online`, `${online}\n`);
  return root;
}

test('processors – two sockets with two threads a core – lie on their cores, sockets and nodes', async () => {
  const root = fakeMachine('two-sockets', '0-3', [
    { siblings: '0,2', socket: '0', node: 0 },
    { siblings: '1,3', socket: '1', node: 1 },
    { siblings: '0,2', socket: '0', node: 0 },
    { siblings: '1,3', socket: '1', node: 1 },
  ]);
  assert.deepEqual(await readCpuPlaces(root), [
    { cpu: 0, core: 0, socket: 0, numaNode: 0, cache: 0 },
    { cpu: 1, core: 1, socket: 1, numaNode: 1, cache: 1 },
    { cpu: 2, core: 0, socket: 0, numaNode: 0, cache: 0 },
    { cpu: 3, core: 1, socket: 1, numaNode: 1, cache: 1 },
  ]);
});

test('processors – one thread offline, no NUMA, an unknown socket – lie on the core of the other thread', async () => {
  const root = fakeMachine('offline', '1', [
    { siblings: '0-1', socket: '-1' },
    { siblings: '0-1', socket: '-1' },
  ]);
  assert.deepEqual(await readCpuPlaces(root), [{ cpu: 1, core: 1, socket: 0, numaNode: 0, cache: 0 }]);
});

test('processors – with a last cache for each half of the node – have that cache; with one for all the socket', async () => {
  const caches = async (name: string, lists: readonly [number, string][]) => {
    const root = fakeMachine(
      name,
      '0-3',
      lists.map((cache, cpu) => ({ siblings: `${cpu}`, socket: '5', node: 0, cache })),
    );
    return (await readCpuPlaces(root)).map(({ cache }) => cache);
  };
  const halves: [number, string][] = [
    [0, '0-1'],
    [0, '0-1'],
    [8, '2-3'],
    [8, '2-3'],
  ];
  assert.deepEqual(await caches('halves', halves), [0, 0, 8, 8]);
  assert.deepEqual(await caches('whole', Array(4).fill([3, '0-3'])), [5, 5, 5, 5]);
});

test('processors – of a machine without a topology – cannot be read', () =>
  assert.rejects(readCpuPlaces(`${dir}/none`), { code: 'ENOENT' }));

test('processors – of this machine – are at least those that this process may use', async () => {
  const places = await readCpuPlaces();
  assert.ok(places.length >= availableParallelism());
  assert.ok(places.every(({ cpu, core }) => core <= cpu));
});
