import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { answerOf, upstreamTable } from '#testing/upstream-table.ts';
import { parseFieldSelector } from './field-selector.ts';

test('field selectors – compare – as text; an absent value is empty', () => {
  const fields = { 'status.phase': 'Running', 'spec.nodeName': '' };
  assert.equal(parseFieldSelector('status.phase=Running').matches(fields), true);
  assert.equal(parseFieldSelector('status.phase==Running,spec.nodeName!=a').matches(fields), true);
  assert.equal(parseFieldSelector('spec.nodeName=').matches(fields), true);
  assert.equal(parseFieldSelector('spec.nodeName!=').matches(fields), false);
  assert.deepEqual(parseFieldSelector('a=b\\,c').requirements, [{ field: 'a', operator: '=', value: 'b,c' }]);
  assert.throws(() => parseFieldSelector('status.phase'), {
    message: "invalid selector: 'status.phase'; can't understand 'status.phase'",
  });
});

test('field selectors – escapes – are read and written', () => {
  const text = 'a=b\\,c\\=d\\\\';
  const selector = parseFieldSelector(text);
  assert.equal(selector.requirements[0]?.value, 'b,c=d\\');
  assert.equal(selector.toString(), text);
  assert.throws(() => parseFieldSelector('a=b\\x'), {
    name: 'SelectorError',
    message: /invalid escape sequence: \\x$/,
  });
  assert.throws(() => parseFieldSelector('a=b=c'), {
    name: 'SelectorError',
    message: /unescaped character in value: 61$/,
  });
});

test('field selectors – read and written – as by fields.ParseSelector', () => {
  for (const [text = '', , answer] of upstreamTable('selectors.jsonl')) {
    assert.equal(
      answerOf(() => parseFieldSelector(text).toString()),
      answer,
      JSON.stringify(text),
    );
  }
});

describe('a field selector – too many terms – is an error', () => {
  test('as many as allowed', () => {
    assert.equal(parseFieldSelector('a=b,'.repeat(9_999)).requirements.length, 9_999);
  });
  for (const term of ['a=b,', ',', 'a\\,b,']) {
    test(term, () => {
      const error = { message: 'the field selector has more than 10000 terms' };
      assert.throws(() => parseFieldSelector(term.repeat(10_000)), error);
    });
  }
});
