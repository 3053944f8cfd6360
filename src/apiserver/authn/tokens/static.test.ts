import assert from 'node:assert/strict';
import { test } from 'node:test';
import { staticTokens } from './static.ts';

test('a token of a fixed table – in it, not in it, named like what objects inherit – names its user, no one, no one', () => {
  const jane = { name: 'jane', uid: '7', groups: ['dev'] };
  const { userOf } = staticTokens(new Map([['s3cret', jane]]));
  assert.deepEqual(
    ['s3cret', 's3cre', 's3cret ', 'S3CRET', 'constructor', ''].map((token) => userOf(token)),
    [jane, undefined, undefined, undefined, undefined, undefined],
  );
});
