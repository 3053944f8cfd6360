/** Node selectors and required node affinity: pod and node in, match out. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NodeSelectorTerm, PodSpec } from '../generated/types.gen.ts';
import { requiredNode } from './required-node.ts';

const labels = { zone: 'a', gen: '12', odd: '1.5', huge: '9007199254740993' };

const asking = (...nodeSelectorTerms: NodeSelectorTerm[]): Partial<PodSpec> => ({
  affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } },
});
const expression = (key: string, operator: string, ...values: string[]): Partial<PodSpec> =>
  asking({ matchExpressions: [{ key, operator, values }] });

const cases: [string, Partial<PodSpec>, boolean][] = [
  ['the selector names the label', { nodeSelector: { zone: 'a' } }, true],
  ['the selector names another value', { nodeSelector: { zone: 'b' } }, false],
  ['a label called constructor is missing', { nodeSelector: { constructor: 'x' } }, false],
  ['both the selector and the affinity must hold', { nodeSelector: { zone: 'b' }, ...asking({}) }, false],
  ['In with the value', expression('zone', 'In', 'a', 'b'), true],
  ['NotIn with the value', expression('zone', 'NotIn', 'a'), false],
  ['NotIn of a label that is missing', expression('disk', 'NotIn', 'ssd'), true],
  ['Gt compares numbers, not texts', expression('gen', 'Gt', '9'), true],
  ['Gt of an equal number', expression('gen', 'Gt', '12'), false],
  ['Lt of a larger number', expression('gen', 'Lt', '13'), true],
  // Upstream parses both sides with strconv.ParseInt: if that fails, the term does not match.
  ['Gt of a label that is a fraction', expression('odd', 'Gt', '1'), false],
  ['Lt of a label that is a fraction', expression('odd', 'Lt', '2'), false],
  ['Gt with a value that is a fraction', expression('gen', 'Gt', '1.5'), false],
  ['Gt of a label that is missing', expression('disk', 'Gt', '1'), false],
  ['Gt beyond the precision of a double', expression('huge', 'Gt', '9007199254740992'), true],
  ['Gt with a value of more than 64 bits', expression('gen', 'Lt', '9223372036854775808'), false],
  ['an unknown operator', expression('gen', 'Near', '12'), false],
  ['an empty term', asking({}), false],
  ['one of two terms holds', asking({}, { matchExpressions: [{ key: 'zone', operator: 'Exists' }] }), true],
  ['the name', asking({ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n1'] }] }), true],
  [
    'not the name',
    asking({ matchFields: [{ key: 'metadata.name', operator: 'NotIn', values: ['n1'] }] }),
    false,
  ],
];

for (const [name, spec, expected] of cases) {
  test(`required node – ${name} – ${expected ? 'matches' : 'does not match'}`, () => {
    assert.equal(requiredNode(spec)?.(labels, 'n1'), expected);
  });
}

test('required node – a pod without constraints – has no matcher', () => {
  assert.equal(requiredNode({}), undefined);
});
