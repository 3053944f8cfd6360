/** Which pods and nodes a spread constraint counts. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TopologySpreadConstraint } from '#api/generated/types.gen.ts';
import { makePod, type NodeShape, type PodShape } from '#testing/scheduling/objects.ts';
import { clusterOf } from '#testing/scheduling/plugin.ts';
import { compileSpread, domainsOf } from './spread-constraints.ts';

const web = { labels: { app: 'web' } };
const taint = { key: 'k', effect: 'NoSchedule' };
const zone = (name: string, value: string, more: Partial<NodeShape> = {}): NodeShape => ({
  name,
  ...more,
  labels: { zone: value, ...more.labels },
});
const nodes = [
  zone('a', 'z1'),
  zone('b', 'z2'),
  zone('c', 'z3', { taints: [taint], labels: { gpu: 'yes' } }),
];
const pods: PodShape[] = [
  { ...web, nodeName: 'a' },
  { ...web, nodeName: 'a' },
  { ...web, nodeName: 'c' },
  { labels: { app: 'other' }, nodeName: 'b' },
  { ...web, nodeName: 'b', namespace: 'elsewhere' },
  { ...web, nodeName: 'b', metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } },
];

interface Row {
  readonly title: string;
  readonly pod?: PodShape;
  readonly constraint?: Partial<TopologySpreadConstraint>;
  readonly keys?: readonly string[];
  readonly counts: Record<string, number>;
  /** Domains with and without pods. */
  readonly size: number;
}

// biome-ignore format: a table
const rows: readonly Row[] = [
  { title: 'no policies that leave out a node – pods of the namespace that match and do not terminate', counts: { z1: 2, z3: 1 }, size: 3 },
  { title: 'a node selector – honored by default – only its nodes', pod: { ...web, nodeSelector: { gpu: 'yes' } }, counts: { z3: 1 }, size: 1 },
  { title: 'a node selector – ignored – every node', pod: { ...web, nodeSelector: { gpu: 'yes' } }, constraint: { nodeAffinityPolicy: 'Ignore' }, counts: { z1: 2, z3: 1 }, size: 3 },
  { title: 'a taint – honored – not its node', constraint: { nodeTaintsPolicy: 'Honor' }, counts: { z1: 2 }, size: 2 },
  { title: 'a taint – honored and tolerated – its node too', pod: { ...web, tolerations: [{ key: 'k', operator: 'Exists' }] }, constraint: { nodeTaintsPolicy: 'Honor' }, counts: { z1: 2, z3: 1 }, size: 3 },
  { title: 'a second key – only nodes that have both', keys: ['zone', 'gpu'], counts: { z3: 1 }, size: 1 },
  { title: 'a label key of the pod – matched with the selector', pod: { labels: { app: 'other' } }, constraint: { labelSelector: {}, matchLabelKeys: ['app'] }, counts: { z2: 1 }, size: 3 },
];

for (const { title, pod = web, constraint, keys = ['zone'], counts, size } of rows) {
  test(`domains of a constraint – ${title}`, () => {
    const { view } = clusterOf({ nodes, pods });
    const source = { topologyKey: 'zone', maxSkew: 1, whenUnsatisfiable: 'DoNotSchedule', ...constraint };
    const compiled = compileSpread(makePod(pod), {
      labelSelector: { matchLabels: { app: 'web' } },
      ...source,
    });
    const found = domainsOf(compiled, keys, view);
    assert.deepEqual([Object.fromEntries(found.counts), found.size], [counts, size]);
  });
}
