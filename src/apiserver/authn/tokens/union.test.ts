import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BadToken, type TokenAuthenticator } from '../../contract/authentication.ts';
import { outcomeOf } from '../../testing/authentication.ts';
import { tokenUnion } from './union.ts';

test('a union – of authenticators that reject a token – tries the others, and reports each message once', async () => {
  const bad = (message: string): TokenAuthenticator => ({
    name: message,
    authenticate: async () => {
      throw new BadToken(message);
    },
  });
  const none: TokenAuthenticator = { name: 'none', authenticate: () => undefined };
  const good: TokenAuthenticator = {
    name: 'good',
    authenticate: () => ({ user: { name: 'jane', groups: [] }, audiences: [] }),
  };
  assert.equal(await outcomeOf(tokenUnion([bad('a'), none, bad('b'), bad('a')]), 't'), '[a, b]');
  assert.equal(await outcomeOf(tokenUnion([bad('a'), bad('a')]), 't'), 'a');
  assert.equal(await outcomeOf(tokenUnion([none]), 't'), undefined);
  assert.equal(
    ((await outcomeOf(tokenUnion([bad('a'), none, good]), 't')) as { user: { name: string } }).user.name,
    'jane',
  );
  assert.equal(await outcomeOf(tokenUnion([bad('a'), good], { stopsAtError: true }), 't'), 'a');
});
