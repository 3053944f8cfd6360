import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wishFromQuery } from '../objects/delete-options.ts';
import { numberIn } from './query-number.ts';

test('a number in a query is read as Go reads it', () => {
  const read = (query: string) => numberIn(new URLSearchParams(query), 'n');
  for (const [query, expected] of [
    ['', undefined],
    ['n=5', 5],
    ['n=%2B5', 5],
    ['n=-1', -1],
    ['n=007', 7],
    ['n=1&n=2', 1],
  ] as const) {
    assert.equal(read(query), expected, query);
  }
  for (const [query, why] of [
    ['n=', 'parsing "": invalid syntax'],
    ['n=1.5', 'parsing "1.5": invalid syntax'],
    ['n=9223372036854775808', 'parsing "9223372036854775808": value out of range'],
  ] as const) {
    assert.throws(() => read(query), { message: `strconv.ParseInt: ${why}` });
  }
});

test('a deletion may be asked for in the query', () => {
  assert.deepEqual(wishFromQuery(new URLSearchParams('gracePeriodSeconds=0&orphanDependents=FALSE&uid=u')), {
    gracePeriodSeconds: 0,
    orphanDependents: false,
    preconditions: { uid: 'u' },
  });
});
