import assert from 'node:assert/strict';
import test from 'node:test';
import { readBindingError, readFilterAnswer, readScores, readVictims } from './answers.ts';

const bytes = (text: string) => Buffer.from(text);
const nothing = { nodes: undefined, failed: new Map(), unresolvable: new Map(), error: '' };

const filterAnswers: [string, string, boolean, unknown][] = [
  ['null', 'null', true, nothing],
  ['nothing', '{}', false, nothing],
  ['names', '{"NodeNames":["a","b"]}', true, { ...nothing, nodes: ['a', 'b'] }],
  ['names in another case', '{"nodenames":["a"]}', true, { ...nothing, nodes: ['a'] }],
  ['no names', '{"NodeNames":[]}', true, { ...nothing, nodes: [] }],
  ['names to one who asked with nodes', '{"NodeNames":["a"]}', false, nothing],
  [
    'nodes',
    '{"Nodes":{"items":[{"metadata":{"name":"a"}}]},"NodeNames":null}',
    true,
    { ...nothing, nodes: ['a'] },
  ],
  [
    'nodes that fail',
    '{"FailedNodes":{"a":"no"},"FailedAndUnresolvableNodes":{"b":"never"},"Error":"bad"}',
    true,
    {
      nodes: undefined,
      failed: new Map([['a', 'no']]),
      unresolvable: new Map([['b', 'never']]),
      error: 'bad',
    },
  ],
];

for (const [title, body, readsNames, expected] of filterAnswers) {
  test(`an answer to filter – ${title} – is read`, () => {
    assert.deepEqual(readFilterAnswer(bytes(body), readsNames), expected);
  });
}

test('scores – in any case, null for none – are read', () => {
  const body = '[{"Host":"a","Score":7},{"host":"b","score":-1},{"Host":"c"}]';
  assert.deepEqual(readScores(bytes(body)), [
    { host: 'a', score: 7 },
    { host: 'b', score: -1 },
    { host: 'c', score: 0 },
  ]);
  assert.deepEqual(readScores(bytes('null')), []);
});

test('victims – by node – are read', () => {
  const body = '{"NodeNameToMetaVictims":{"a":{"Pods":[{"UID":"1"}],"NumPDBViolations":2},"b":null}}';
  assert.deepEqual(
    readVictims(bytes(body)),
    new Map([
      ['a', { uids: ['1'], brokenBudgets: 2 }],
      ['b', { uids: [], brokenBudgets: 0 }],
    ]),
  );
});

const filter = (body: string) => readFilterAnswer(bytes(body), true);
const wrong: [string, () => unknown, string][] = [
  ['empty', () => filter(''), 'EOF'],
  ['cut off', () => filter('{"NodeNames":['), 'unexpected EOF'],
  ['a page', () => filter('<html>'), "invalid character '<' looking for beginning of value"],
  [
    'a list instead of an object',
    () => filter('[]'),
    'json: cannot unmarshal array into Go value of type v1.ExtenderFilterResult',
  ],
  [
    'a text instead of names',
    () => filter('{"NodeNames":"a"}'),
    'json: cannot unmarshal string into Go struct field ExtenderFilterResult.NodeNames of type slice',
  ],
  [
    'a number as the error',
    () => readBindingError(bytes('{"Error":1}')),
    'json: cannot unmarshal number 1 into Go struct field ExtenderBindingResult.Error of type string',
  ],
  [
    'half a score',
    () => readScores(bytes('[{"Host":"a","Score":0.5}]')),
    'json: cannot unmarshal number 0.5 into Go struct field HostPriority.Score of type int64',
  ],
  [
    'a score beyond 64 bits',
    () => readScores(bytes('[{"Host":"a","Score":1e30}]')),
    'json: cannot unmarshal number 1e+30 into Go struct field HostPriority.Score of type int64',
  ],
];

for (const [title, read, message] of wrong) {
  test(`an answer – ${title} – fails in Go's words`, () => {
    assert.throws(read, { message });
  });
}
