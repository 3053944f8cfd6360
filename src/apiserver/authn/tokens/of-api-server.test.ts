import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { outcomeOf } from '../../testing/authentication.ts';
import { apiTokens, withAuthenticated } from './of-api-server.ts';

const jane = { name: 'jane', groups: ['dev'] };
const kind = apiTokens({ name: 'table', userOf: (token) => (token === 't' ? jane : undefined) }, [
  'api',
  'b',
]);

test('a token – of a kind without audiences – is for the wanted ones that are of the API server', async () => {
  const user = { name: 'jane', groups: ['dev', 'system:authenticated'] };
  assert.deepEqual(await outcomeOf(kind, 't', ['b', 'vault']), { user, audiences: ['b'] });
  assert.deepEqual(await outcomeOf(kind, 't', ['vault', 'b', 'api']), { user, audiences: ['api', 'b'] });
  assert.equal(await outcomeOf(kind, 't', ['vault']), undefined);
  assert.equal(await outcomeOf(kind, 'other', ['api']), undefined);
});

describe('the group of the authenticated – of any user – is there once', () => {
  for (const [name, groups, expected] of [
    ['jane', [], ['system:authenticated']],
    ['jane', ['system:authenticated'], ['system:authenticated']],
    ['jane', ['system:unauthenticated'], ['system:unauthenticated']],
    ['system:anonymous', ['x'], ['x']],
  ] as const) {
    test(`${name} of ${JSON.stringify(groups)}`, () => {
      assert.deepEqual(withAuthenticated({ name, groups }).groups, expected);
    });
  }
});
