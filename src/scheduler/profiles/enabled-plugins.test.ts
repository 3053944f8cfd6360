/** The plugins of a profile at work: which of their steps run, in which order, with which weight. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { readPlugins } from '#api/configuration/scheduler/plugin-sets.ts';
import { makePod, seeded } from '#testing/scheduling/objects.ts';
import { clusterOf } from '#testing/scheduling/plugin.ts';
import type { JsonObject } from '#wire/json/value.ts';
import { Algorithm } from '../cycle/algorithm.ts';
import { defaultPlugins } from '../plugins/list.ts';
import { enabledOf } from './enabled-plugins.ts';

const named = (...names: string[]) => names.map((name) => ({ name }));
const pluginsOf = (section: JsonObject) => enabledOf(defaultPlugins, readPlugins(section, 'mine', 'plugins'));
const nodes = [
  {
    name: 'a',
    cpu: '4',
    unschedulable: true,
    images: [{ names: ['registry.example/app:1'], sizeBytes: 1e9 }],
  },
  { name: 'b', cpu: '8' },
];

/** The node, or why there is none. */
function outcome(section: JsonObject, cpu: string): string {
  const { view } = clusterOf({ nodes });
  const algorithm = new Algorithm({ plugins: pluginsOf(section), random: seeded(1) });
  const result = algorithm.schedule(makePod({ cpu }), view);
  return 'node' in result ? result.node.name : result.failure.message();
}

const cases: [string, JsonObject, string, string][] = [
  ['nothing is named', {}, '6', 'b'],
  [
    'an unschedulable node and no filter for it: what scores decides',
    {
      multiPoint: { disabled: named('NodeUnschedulable') },
      score: { enabled: [{ name: 'ImageLocality', weight: 100 }] },
    },
    '1',
    'a',
  ],
  [
    'the same without that weight',
    { multiPoint: { disabled: named('NodeUnschedulable') }, score: { disabled: named('ImageLocality') } },
    '1',
    'b',
  ],
  [
    'no filter for resources, the other node is unschedulable',
    { filter: { disabled: named('NodeResourcesFit') } },
    '100',
    'b',
  ],
  [
    'no preemption: nothing is said about it',
    { postFilter: { disabled: named('*') } },
    '100',
    '0/2 nodes are available: 1 Insufficient cpu, 1 node(s) were unschedulable.',
  ],
  [
    'the filter of resources is named: it comes first',
    { filter: { enabled: named('NodeResourcesFit') }, postFilter: { disabled: named('*') } },
    '100',
    '0/2 nodes are available: 2 Insufficient cpu.',
  ],
];

for (const [title, section, cpu, expected] of cases) {
  test(`enabled plugins – ${title} – ${expected}`, () => {
    assert.equal(outcome(section, cpu).replace(/ preemption: .*/, ''), expected);
  });
}

test('enabled plugins – the hints of a plugin – are those of the list, once', () => {
  const hintsOf = (plugins: typeof defaultPlugins, name: string) =>
    plugins.filter((plugin) => plugin.name === name).flatMap(({ hints = [] }) => hints);
  const enabled = pluginsOf({ score: { enabled: named('NodeResourcesFit') } });
  for (const { name, hints = [] } of defaultPlugins) assert.deepEqual(hintsOf(enabled, name), hints, name);
});
