import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SelectorError } from '#api/selectors/requirement.ts';
import { parseRequest } from '../request/parse-request.ts';
import { RequestSelectors } from './request-selectors.ts';

const selectorsOf = (query: string) => parseRequest('GET', `/api/v1/pods?${query}`).selectors;

test('the selectors of a request – asked for twice – are parsed once', () => {
  const selectors = selectorsOf('labelSelector=a%3Db,c&fieldSelector=metadata.name%3Dx');
  const { labels, fields } = selectors;
  assert.deepEqual([String(labels), String(fields)], ['a=b,c', 'metadata.name=x']);
  assert.equal(selectors.labels, labels);
  assert.equal(selectors.fields, fields);
});

test('the selectors of a request – one that cannot be read – are its error', () => {
  const selectors = selectorsOf('labelSelector=a%3D%3D%3D&fieldSelector=metadata.name');
  assert.ok(selectors.labels instanceof SelectorError);
  assert.ok(selectors.fields instanceof SelectorError);
  assert.equal(parseRequest('GET', '/api/v1/pods?fieldSelector=metadata.name').name, '');
});

test('the selectors of a request – none – are shared and match everything', () => {
  assert.equal(selectorsOf('limit=1'), RequestSelectors.of(new URLSearchParams()));
  const { labels, fields } = selectorsOf('');
  assert.ok('matchesEverything' in labels && 'matchesEverything' in fields);
});
