import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cpuListText, parseCpuList } from '#base/text/cpu-list.ts';
import type { CpuPlace } from '#host/kernel/cpus/places.ts';
import { cpuPlaces } from '#testing/kubelet/cpus.ts';
import { answerOf, upstreamTable } from '#testing/upstream-table.ts';
import { takeCpus } from './assignment.ts';
import { CpuTopology } from './topology.ts';

function taken(places: readonly CpuPlace[], available: string, count: number, byCache = false): string {
  return cpuListText(takeCpus(new CpuTopology(places), parseCpuList(available), count, byCache));
}

/** Its processors are numbered socket by socket in turn. */
const dualSocket = Array.from({ length: 12 }, (_, cpu) => ({
  cpu,
  core: cpu % 6,
  socket: cpu % 2,
  numaNode: cpu % 2,
  cache: 0,
}));
/** Its threads are neighbours, and its second socket has the lowest processors. */
const tripleSocket = Array.from({ length: 18 }, (_, cpu) => {
  const socket = [1, 0, 2][Math.floor(cpu / 6)]!;
  return { cpu, core: Math.floor(cpu / 2), socket, numaNode: socket, cache: 0 };
});
const single = cpuPlaces({ sockets: 1, numaNodes: 1, coresPerSocket: 4, threadsPerCore: 2 });
const manyNodes = cpuPlaces({ sockets: 2, numaNodes: 4, coresPerSocket: 20, threadsPerCore: 2 });

const rows: [what: string, machine: readonly CpuPlace[], available: string, count: number, cpus: string][] = [
  ['nothing', single, '0-7', 0, ''],
  ['one thread', single, '0-7', 1, '0'],
  ['one thread, where some cores are half taken', single, '1,3,5-7', 1, '6'],
  ['a core', single, '0-7', 2, '0,4'],
  ['the only whole core', single, '0-3,6', 2, '2,6'],
  ['all', single, '0-7', 8, '0-7'],
  ['a socket', dualSocket, '0-11', 6, '0,2,4,6,8,10'],
  ['one thread of the socket that is partly taken', dualSocket, '1-5,7-11', 1, '2'],
  ['a socket and a core', dualSocket, '0-11', 8, '0-2,4,6-8,10'],
  ['the socket that has the fewest left', tripleSocket, '0-3,6-13', 2, '12-13'],
  ['a node', manyNodes, '0-79', 20, '0-9,40-49'],
  ['the node that is free', manyNodes, '10-39,50-79', 20, '10-19,50-59'],
  ['a socket of two nodes', manyNodes, '0-79', 40, '0-19,40-59'],
  ['a socket and a node', manyNodes, '0-79', 60, '0-29,40-69'],
  ['three nodes, where a core of the first is taken', manyNodes, '1-39,41-79', 60, '10-39,50-79'],
  ['three nodes and two cores', manyNodes, '0-79', 64, '0-31,40-71'],
];

for (const [what, machine, available, count, cpus] of rows) {
  test(`processors – ${what}: ${count} of ${available} – are ${cpus || 'none'}`, () =>
    assert.equal(taken(machine, available, count), cpus));
}

test('processors – more than there are – is an error in upstream’s words', () =>
  assert.throws(() => taken(single, '0,2,4,6', 5), {
    message: 'not enough cpus available to satisfy request: requested=5, available=4',
  }));

test('processors – of a machine with cores of one and of two threads – are never those of others', () => {
  const mixed = [0, 0, 1, 1, 2, 3, 4, 5].map((core, cpu) => ({
    cpu,
    core,
    socket: 0,
    numaNode: 0,
    cache: 0,
  }));
  assert.equal(taken(mixed, '1-7', 2), '1,4');
});

interface Row {
  /** Sockets, nodes, cores of a socket, threads of a core and, where caches count, cores of a cache. */
  readonly machine: readonly [number, number, number, number, number?];
  readonly available: string;
  readonly count: number;
  readonly answer: string;
}

const tables = [
  ['cpu-assignment.jsonl', false],
  ['cpu-assignment-by-cache.jsonl', true],
] as const;

for (const [file, byCache] of tables) {
  for (const { machine, available, count, answer } of upstreamTable<Row>(file)) {
    test(`processors – ${count} of ${available} on ${machine.join('×')} – are as upstream's${byCache ? ', by cache' : ''}`, () => {
      const [sockets, numaNodes, coresPerSocket, threadsPerCore, coresPerCache = coresPerSocket] = machine;
      const places = cpuPlaces({ sockets, numaNodes, coresPerSocket, threadsPerCore, coresPerCache });
      assert.equal(
        answerOf(() => taken(places, available, count, byCache)),
        answer,
      );
    });
  }
}
