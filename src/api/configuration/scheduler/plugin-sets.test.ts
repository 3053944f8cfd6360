/** The plugins of a profile: what upstream makes of enabled and disabled, point by point. */

import assert from 'node:assert/strict';
import test from 'node:test';
import type { JsonObject } from '#wire/json/value.ts';
import type { ConfigurationError } from '../error.ts';
import { type EnabledPlugins, readPlugins } from './plugin-sets.ts';

const named = (...names: string[]) => names.map((name) => ({ name }));
const weighed = (name: string, weight: number) => ({ enabled: [{ name, weight }] });
const read = (section: JsonObject) => readPlugins(section, 'mine', 'scheduler.profiles[0].plugins');
const scores = ({ score, weights }: EnabledPlugins) => score.map((name) => `${name} ${weights.get(name)}`);
const usualScores = [
  'TaintToleration 3',
  'NodeAffinity 2',
  'NodeResourcesFit 1',
  'PodTopologySpread 2',
  'InterPodAffinity 2',
  'DynamicResources 2',
  'NodeResourcesBalancedAllocation 1',
  'ImageLocality 1',
];
const without = (...names: string[]) => usualScores.filter((each) => !names.includes(each.split(' ')[0]!));

const scored: [string, JsonObject, string[]][] = [
  ['nothing is named', {}, usualScores],
  ['one is disabled at score', { score: { disabled: named('ImageLocality') } }, without('ImageLocality')],
  [
    'one is disabled everywhere',
    { multiPoint: { disabled: named('ImageLocality') } },
    without('ImageLocality'),
  ],
  ['an unknown one is disabled', { score: { disabled: named('Foreign') } }, usualScores],
  ['all are disabled at score', { score: { disabled: named('*') } }, []],
  [
    'all are disabled at score, one is enabled',
    { score: { disabled: named('*'), ...weighed('ImageLocality', 7) } },
    ['ImageLocality 7'],
  ],
  [
    'one has another weight at score: it comes first',
    { score: weighed('ImageLocality', 5) },
    ['ImageLocality 5', ...without('ImageLocality')],
  ],
  [
    'one has another weight everywhere: it keeps its place',
    { multiPoint: weighed('TaintToleration', 9) },
    ['TaintToleration 9', ...without('TaintToleration')],
  ],
  [
    'the weight at score is the one that counts',
    { multiPoint: weighed('ImageLocality', 2), score: weighed('ImageLocality', 5) },
    ['ImageLocality 5', ...without('ImageLocality')],
  ],
  [
    'a weight of zero is one',
    { multiPoint: weighed('TaintToleration', 0) },
    ['TaintToleration 1', ...without('TaintToleration')],
  ],
];

for (const [title, section, expected] of scored) {
  test(`plugins – ${title}`, () => {
    assert.deepEqual(scores(read(section)), expected);
  });
}

test('plugins – only named ones are enabled – run in that order, and nowhere else', () => {
  const enabled = named('PrioritySort', 'DefaultBinder', 'NodePorts', 'NodeName');
  const { filter, preFilter, score, postFilter } = read({ multiPoint: { disabled: named('*'), enabled } });
  assert.deepEqual(
    { filter, preFilter, score, postFilter },
    { filter: ['NodePorts', 'NodeName'], preFilter: ['NodePorts'], score: [], postFilter: [] },
  );
});

const beginning = 'scheduler: creating profile for scheduler name mine: ';
const refused: [JsonObject, string, string | undefined][] = [
  [
    { scores: {} },
    'scheduler.profiles[0].plugins: strict decoding error: unknown field "scores"',
    'the nearest known one is score',
  ],
  [
    { score: { enabled: [{ nam: 'A' }] } },
    'scheduler.profiles[0].plugins: strict decoding error: unknown field "score.enabled[0].nam"',
    'the nearest known one is name',
  ],
  [
    { score: { enabled: named('ImageLocalty') } },
    `${beginning}ScorePlugin "ImageLocalty" does not exist`,
    'the nearest known one is ImageLocality',
  ],
  [
    { multiPoint: { enabled: named('NodePort') } },
    `${beginning}PreFilterPlugin "NodePort" does not exist`,
    'the nearest known one is NodePorts',
  ],
  [
    { score: { enabled: named('NodePorts') } },
    `${beginning}plugin "NodePorts" does not extend ScorePlugin plugin`,
    undefined,
  ],
  [
    { filter: { enabled: named('NodeName', 'NodeName') } },
    `${beginning}plugin "NodeName" already registered as "FilterPlugin"`,
    undefined,
  ],
  [
    { multiPoint: { enabled: named('NodeName', 'NodeName') } },
    `${beginning}plugin "NodeName" already registered as "FilterPlugin"`,
    undefined,
  ],
  [
    { queueSort: { disabled: named('*') } },
    `${beginning}only one queue sort plugin required for profile with scheduler name "mine", but got 0`,
    undefined,
  ],
  [
    { bind: { disabled: named('DefaultBinder') } },
    `${beginning}at least one bind plugin is needed for profile with scheduler name "mine"`,
    undefined,
  ],
  [
    { preScore: { disabled: named('InterPodAffinity') } },
    `${beginning}plugin "InterPodAffinity" is enabled at score and disabled at preScore`,
    'score needs what preScore prepares: enable both or neither',
  ],
];

for (const [section, message, hint] of refused) {
  test(`plugins – ${JSON.stringify(section)} – are refused`, () => {
    assert.throws(
      () => read(section),
      (thrown: ConfigurationError) => {
        assert.deepEqual([thrown.message, thrown.hint], [message, hint]);
        return true;
      },
    );
  });
}
