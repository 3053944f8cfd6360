import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deletionRequestFromQuery } from './delete-options.ts';

test('delete options – in the query – count', () => {
  assert.deepEqual(
    deletionRequestFromQuery(new URLSearchParams('gracePeriodSeconds=0&orphanDependents=FALSE&uid=u')),
    {
      gracePeriodSeconds: 0,
      orphanDependents: false,
      preconditions: { uid: 'u' },
    },
  );
});
