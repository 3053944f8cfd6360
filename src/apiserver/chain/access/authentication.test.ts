import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StatusError, unauthorized } from '#api/meta/status.ts';
import { anonymous, type UserInfo } from '#api/meta/user.ts';
import type { Authenticator } from '../../contract/authentication.ts';
import type { Exchange } from '../../request/exchange.ts';
import { authentication } from './authentication.ts';

const bad: Authenticator = {
  name: 'bad',
  authenticate() {
    throw unauthorized();
  },
};
const badLater: Authenticator = {
  name: 'badLater',
  authenticate: async () => bad.authenticate({} as never, {}),
};
const knows = (user: UserInfo): Authenticator => ({ name: user.name, authenticate: () => user });
const jane = { name: 'jane', groups: [] };

async function asked(authenticators: readonly Authenticator[], authorization = '') {
  const warnings: string[] = [];
  const exchange = {
    request: { headers: { authorization } },
    peer: {},
    warnings: { add: (text: string) => warnings.push(text) },
  } as unknown as Exchange;
  await authentication(authenticators).enter!(exchange);
  return { name: exchange.user.name, warnings };
}

test('credentials – that are bad – do not hide good ones, but keep a caller from being anonymous', async (t) => {
  const is401 = (error: unknown) => error instanceof StatusError && error.code === 401;
  for (const [when, first] of [
    ['at once', bad],
    ['later', badLater],
  ] as const) {
    await t.test(`found bad ${when}`, async () => {
      assert.equal((await asked([first, knows(jane), knows(anonymous)])).name, 'jane');
      await assert.rejects(asked([first, knows(anonymous)]), is401);
    });
  }
  await assert.rejects(async () => asked([]), is401);
});

test('a token – after a space too many – is passed over with a warning', async () => {
  const { name, warnings } = await asked([knows(anonymous)], 'Bearer  token');
  assert.equal(name, 'system:anonymous');
  assert.match(warnings.join(), /extra space before the bearer token, and is ignored/);
  assert.deepEqual((await asked([knows(anonymous)], 'Basic x')).warnings, []);
});
