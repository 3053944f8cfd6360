import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseLabelSelector } from '#api/selectors/selector.ts';
import { storedPod } from '#testing/objects.ts';
import { ambiguityOf, readSelector } from './selector.ts';

const wrong = [
  [
    '',
    'SelectorRequired',
    'selector is required',
    'InvalidSelector',
    "the HPA target's scale is missing a selector",
  ],
  [
    'cheddar cheese',
    'InvalidSelector',
    "couldn't convert selector into a corresponding internal selector object: unable to parse requirement: found 'cheese', expected: in, notin, =, ==, !=, gt, lt",
  ],
] as const;

for (const [text, reason, message, conditionReason = reason, conditionMessage = message] of wrong) {
  test(`a selector ${JSON.stringify(text)} – of a target – is a problem in upstream’s words`, () => {
    assert.deepEqual(readSelector(text), { reason, message, conditionReason, conditionMessage });
  });
}

const pods = [storedPod('p', { metadata: { labels: { a: '1', b: '1' } } })];
const own = ['default/own', parseLabelSelector('a=1')] as const;

test('pods of one autoscaler – beside one that selects others – are not ambiguous', () => {
  const other = ['default/other', parseLabelSelector('a=2')] as const;
  assert.equal(ambiguityOf('a=1', pods, new Map([own, other])), undefined);
});

test('pods that a second autoscaler selects by another label – of one – are ambiguous', () => {
  const second = ['default/second', parseLabelSelector('b=1')] as const;
  assert.equal(
    ambiguityOf('a=1', pods, new Map([second, own]))?.message,
    'pods by selector a=1 are controlled by multiple HPAs: [default/own default/second]',
  );
});
