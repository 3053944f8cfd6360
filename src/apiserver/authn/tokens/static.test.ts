import assert from 'node:assert/strict';
import { test } from 'node:test';
import { staticTokens } from './static.ts';

test('a static token – in the table, unknown, named like an inherited property – has its user, none, none', () => {
  const jane = { name: 'jane', uid: '7', groups: ['dev'] };
  const { userOf } = staticTokens(new Map([['s3cret', jane]]));
  assert.deepEqual(
    ['s3cret', 's3cre', 's3cret ', 'S3CRET', 'constructor', ''].map((token) => userOf(token)),
    [jane, undefined, undefined, undefined, undefined, undefined],
  );
});
