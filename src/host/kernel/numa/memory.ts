/** The memory of each NUMA node of this machine, and its huge pages, in bytes. */

import { readdir, readFile } from 'node:fs/promises';

/** By resource (`memory`, `hugepages-2Mi`), by number of the node. One node on a kernel without NUMA. */
export type NumaMemory = ReadonlyMap<number, Readonly<Record<string, number>>>;

/** `root` is the machine's root folder. */
export async function readNumaMemory(root = ''): Promise<NumaMemory> {
  const folder = `${root}/sys/devices/system/node`;
  const names = await readdir(folder).catch(() => []);
  const ids = names.flatMap((name) => /^node(\d+)$/.exec(name)?.[1] ?? []).map(Number);
  if (ids.length === 0) {
    const memory = await totalOf(`${root}/proc/meminfo`);
    return new Map([[0, { memory, ...(await pagesIn(`${root}/sys/kernel/mm/hugepages`)) }]]);
  }
  const nodes = ids
    .sort((a, b) => a - b)
    .map(async (id) => {
      const memory = await totalOf(`${folder}/node${id}/meminfo`);
      return [id, { memory, ...(await pagesIn(`${folder}/node${id}/hugepages`)) }] as const;
    });
  return new Map(await Promise.all(nodes));
}

async function totalOf(path: string): Promise<number> {
  return Number(/MemTotal:\s+(\d+) kB/.exec(await readFile(path, 'utf8'))?.[1] ?? 0) * 1024;
}

async function pagesIn(folder: string): Promise<Record<string, number>> {
  const names = await readdir(folder).catch(() => []);
  const sizes = names.flatMap((name) => /^hugepages-(\d+)kB$/.exec(name)?.[1] ?? []).map(Number);
  const entries = sizes.map(async (kibibytes) => {
    const size = kibibytes >= 2 ** 20 ? `${kibibytes / 2 ** 20}Gi` : `${kibibytes / 2 ** 10}Mi`;
    const count = await readFile(`${folder}/hugepages-${kibibytes}kB/nr_hugepages`, 'utf8');
    return [`hugepages-${size}`, Number(count) * kibibytes * 1024] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}
