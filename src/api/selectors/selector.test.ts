import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { answerOf, upstreamTable } from '#testing/upstream-table.ts';
import type { LabelSelector } from '../generated/types.gen.ts';
import {
  formatLabelSelector,
  parseLabelSelector,
  selectorFromLabelSelector,
  selectorFromSet,
} from './selector.ts';

describe('label selectors – match – as upstream’s', () => {
  const labels = { app: 'web', tier: 'front', 'example.com/n': '5' };
  const cases: [string, boolean][] = [
    ['', true],
    ['app=web', true],
    ['app==web,tier=front', true],
    ['app!=web', false],
    ['other!=web', true],
    ['app in (web, db)', true],
    ['app notin (web,db)', false],
    ['other notin (a)', true],
    ['app', true],
    ['!app', false],
    ['! other', true],
    ['app=', false],
    ['example.com/n>4', true],
    ['example.com/n<5', false],
    ['in=in', false],
    ['x in (,a)', false],
  ];
  for (const [text, expected] of cases) {
    test(JSON.stringify(text), () => {
      assert.equal(parseLabelSelector(text).matches(labels), expected);
    });
  }
  test('labels that are empty', () => {
    assert.equal(parseLabelSelector('app=').matches({ app: '' }), true);
    assert.equal(parseLabelSelector('x in (,a)').matches({ x: '' }), true);
  });
});

describe('label selectors – invalid – have upstream’s messages', () => {
  const cases: [string, string][] = [
    ['a b', "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
    ['a=b c', "found 'c', expected: ',' or 'end of string'"],
    ['a,', "found '', expected: identifier after ','"],
    [',a', "found ',', expected: !, identifier, or 'end of string'"],
    ['a in b', "unable to parse requirement: found 'b' expected: '('"],
    ['a in (b', "unable to parse requirement: found '', expected: ',' or ')'"],
  ];
  for (const [text, message] of cases) {
    test(text, () => {
      assert.throws(() => parseLabelSelector(text), { name: 'SelectorError', message });
    });
  }
  test('a value that is no label', () => {
    assert.throws(
      () => parseLabelSelector('a=-b'),
      /values\[0\]\[a\]: Invalid value: "-b": a valid label must be/,
    );
  });
});

test('LabelSelector objects – absent, empty – match nothing, match everything', () => {
  assert.equal(selectorFromLabelSelector(undefined).matches({}), false);
  assert.equal(selectorFromLabelSelector({}).matches({ a: 'b' }), true);
  const selector = {
    matchLabels: { app: 'web' },
    matchExpressions: [{ key: 'tier', operator: 'NotIn', values: ['b', 'a'] }],
  };
  assert.equal(selectorFromLabelSelector(selector).matches({ app: 'web' }), true);
  assert.equal(selectorFromLabelSelector(selector).matches({ app: 'web', tier: 'a' }), false);
  assert.equal(formatLabelSelector(selector), 'app=web,tier notin (a,b)');
  assert.equal(formatLabelSelector(undefined), '<none>');
  assert.equal(selectorFromSet({ b: '2', a: '1' }).toString(), 'a=1,b=2');
});

test('label selectors – read and written – as by labels.Parse', () => {
  for (const [text = '', answer] of upstreamTable('selectors.jsonl')) {
    assert.equal(
      answerOf(() => parseLabelSelector(text).toString()),
      answer,
      JSON.stringify(text),
    );
  }
});

test('LabelSelectors – written – in the order of their keys, as by FormatLabelSelector', () => {
  for (const [selector, answer] of upstreamTable<[LabelSelector, string]>('label-selectors.jsonl')) {
    assert.equal(formatLabelSelector(selector), answer);
  }
});

describe('a selector – a key that every object inherits – matches only labels that have it', () => {
  for (const key of ['constructor', 'toString', 'valueOf']) {
    test(key, () => {
      assert.ok(!parseLabelSelector(key).matches({}));
      assert.ok(parseLabelSelector(`!${key}`).matches({}));
      assert.ok(parseLabelSelector(`${key}=a`).matches({ [key]: 'a' }));
      assert.ok(parseLabelSelector(`${key} notin (a)`).matches({}));
    });
  }
});

describe('a selector – too many parts – is an error', () => {
  const many = 12_000;
  test('as many as allowed', () => {
    assert.equal(parseLabelSelector('a=b,'.repeat(many).slice(0, -1)).requirements.length, many);
  });
  const error = { message: 'the selector has more than 50000 tokens' };
  for (const part of ['a=b,', 'a in (b),', '(', '! ', ',']) {
    test(part, () => {
      assert.throws(() => parseLabelSelector(part.repeat(60_000)), error);
    });
  }
});
