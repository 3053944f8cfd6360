/**
 * Tables of what kube-apiserver and k8s.io/apimachinery of v1.36.3 and robfig/cron v3.0.1 answer to generated
 * inputs, and of the ClusterRoles that upstream creates: one row in each line, its cells JSON or separated by tabs. An
 * answer that begins with `!` is an error and its text.
 */

import { readFileSync } from 'node:fs';

export function upstreamTable<Row = string[]>(file: string): Row[] {
  const lines = readFileSync(new URL(`./upstream-tables/${file}`, import.meta.url), 'utf8')
    .trimEnd()
    .split('\n');
  return lines.map((line) => (file.endsWith('.tsv') ? line.split('\t') : JSON.parse(line)) as Row);
}

/** The answer of `run`, in the form of the tables. */
export function answerOf(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return `!${(error as Error).message}`;
  }
}
