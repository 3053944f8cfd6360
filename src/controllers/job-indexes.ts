/** The indexes of an Indexed Job, written as `0,3-5,7`. */

import type { Job, Pod } from '#api/types.gen.ts';

export const indexAnnotation = 'batch.kubernetes.io/job-completion-index';

/** Those below `completions`: an Indexed Job can be made smaller. */
export function parseIndexes(text = '', completions = 0): Set<number> {
  const indexes = new Set<number>();
  for (const part of text.split(',')) {
    const [first, last = first] = part.split('-').map(Number);
    if (part === '' || first === undefined || last === undefined) continue;
    for (let index = first; index <= Math.min(last, completions - 1); index++) indexes.add(index);
  }
  return indexes;
}

export function formatIndexes(indexes: ReadonlySet<number>): string {
  const ordered = [...indexes].sort((a, b) => a - b);
  const parts: string[] = [];
  for (let at = 0; at < ordered.length; ) {
    let end = at;
    while (ordered[end + 1] === ordered[end]! + 1) end++;
    // Two neighbours are written one by one, a run of three or more as a range.
    if (end - at >= 2) parts.push(`${ordered[at]}-${ordered[end]}`);
    else for (const index of ordered.slice(at, end + 1)) parts.push(String(index));
    at = end + 1;
  }
  return parts.join(',');
}

export function indexOf(pod: Pod): number | undefined {
  const text = pod.metadata?.annotations?.[indexAnnotation];
  return text !== undefined && /^[0-9]+$/.test(text) ? Number(text) : undefined;
}

/** Its index, if the Job is of so many completions (still). */
export function validIndexOf(job: Job, pod: Pod): number | undefined {
  const index = indexOf(pod);
  return index !== undefined && index < (job.spec?.completions ?? 0) ? index : undefined;
}
