import assert from 'node:assert/strict';
import { test } from 'node:test';
import { upstreamTable } from '#testing/upstream-table.ts';
import type { Hint } from './hint.ts';
import { type MergeRules, mergeHints } from './merge.ts';
import { maskOf, nodesOf } from './numa-mask.ts';
import { NumaNodes } from './numa-nodes.ts';

interface HintRow {
  readonly nodes: number[] | null;
  readonly preferred: boolean;
}

interface Row {
  readonly policy: MergeRules['policy'];
  readonly closest: boolean;
  readonly distances: number[][];
  readonly providers: (Record<string, HintRow[] | null> | null)[];
  readonly best: HintRow;
  readonly admit: boolean;
}

const hintOf = ({ nodes, preferred }: HintRow): Hint => ({
  nodes: nodes ? maskOf(nodes) : undefined,
  isPreferred: preferred,
});

for (const [i, row] of upstreamTable<Row>('topology-merge.jsonl').entries()) {
  const { policy, distances, providers } = row;
  test(`merged hints – of ${distances.length} nodes, ${policy}, row ${i + 1} – are upstream's`, () => {
    const nodes = new NumaNodes(distances.map((list, id) => ({ id, distances: list })));
    const { hint, isAdmitted } = mergeHints(
      { policy, prefersClosest: row.closest, nodes },
      providers.map(
        (resources) =>
          new Map(Object.entries(resources ?? {}).map(([name, hints]) => [name, hints?.map(hintOf)])),
      ),
    );
    const best = {
      nodes: hint.nodes === undefined ? null : nodesOf(hint.nodes),
      preferred: hint.isPreferred,
    };
    assert.deepEqual({ best, admit: isAdmitted }, { best: row.best, admit: row.admit });
  });
}
