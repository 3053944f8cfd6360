import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deletionRequestFromQuery } from './delete-options.ts';

test('a deletion may be asked for in the query', () => {
  assert.deepEqual(
    deletionRequestFromQuery(new URLSearchParams('gracePeriodSeconds=0&orphanDependents=FALSE&uid=u')),
    {
      gracePeriodSeconds: 0,
      orphanDependents: false,
      preconditions: { uid: 'u' },
    },
  );
});
