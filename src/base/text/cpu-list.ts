/** Lists of processors as the kernel and control groups write them: `0-3,7`. */

export type CpuSet = ReadonlySet<number>;

/** More than any kernel counts: a longer list is an error, not memory. */
const cpuMax = 2 ** 16;

/** Throws with the words of upstream's cpuset parser. The empty text is the empty set. */
export function parseCpuList(text: string): CpuSet {
  const cpus = new Set<number>();
  if (text === '') return cpus;
  for (const range of text.split(',')) {
    const dash = range.indexOf('-');
    const first = numberOf(dash < 0 ? range : range.slice(0, dash));
    const last = dash < 0 ? first : numberOf(range.slice(dash + 1));
    if (first > last) throw new Error(`invalid range ${JSON.stringify(range)} (${first} > ${last})`);
    for (let cpu = first; cpu <= last; cpu++) cpus.add(cpu);
  }
  return cpus;
}

function numberOf(text: string): number {
  const cpu = Number(text);
  const isNumber = /^[0-9]+$/.test(text);
  if (isNumber && cpu < cpuMax) return cpu;
  const why = isNumber ? 'value out of range' : 'invalid syntax';
  throw new Error(`strconv.Atoi: parsing ${JSON.stringify(text)}: ${why}`);
}

/** In ascending order, neighbours joined. */
export function cpuListText(cpus: Iterable<number>): string {
  const ranges: [first: number, last: number][] = [];
  for (const cpu of [...cpus].sort((a, b) => a - b)) {
    const range = ranges.at(-1);
    if (range && range[1] + 1 >= cpu) range[1] = cpu;
    else ranges.push([cpu, cpu]);
  }
  return ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(',');
}
