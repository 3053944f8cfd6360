import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { is401, requestWith } from '../testing/authentication.ts';
import { anonymousAuthenticator } from './anonymous.ts';
import { bearerTokenAuthenticator } from './bearer-token-authenticator.ts';
import { apiTokens } from './tokens/of-api-server.ts';
import { staticTokens } from './tokens/static.ts';

const jane = { name: 'jane', groups: ['dev'] };
/** By the token `s3cret`. */
const authenticator = bearerTokenAuthenticator(
  apiTokens(staticTokens(new Map([['s3cret', jane]])), ['api']),
  ['api'],
);

const protocol = `base64url.bearer.authorization.k8s.io.${Buffer.from('s3cret').toString('base64url')}`;
const answerable = 'v5.channel.k8s.io';
const webSocket = { connection: 'keep-alive, Upgrade', upgrade: 'websocket' };

test('a token – that is known – names its user, who is authenticated', async () => {
  const user = await authenticator.authenticate(requestWith({ authorization: 'Bearer s3cret' }), {});
  assert.deepEqual(user, { name: 'jane', groups: ['dev', 'system:authenticated'] });
});

test('a token – that is unknown – is a 401', () => {
  assert.throws(() => authenticator.authenticate(requestWith({ authorization: 'Bearer other' }), {}), is401);
});

test('a token among the subprotocols – of a WebSocket, of another request – is read, is not', async () => {
  const protocols = { 'sec-websocket-protocol': `${answerable}, ${protocol}` };
  const user = await authenticator.authenticate(requestWith({ ...webSocket, ...protocols }), {});
  assert.equal(user?.name, 'jane');
  assert.equal(await authenticator.authenticate(requestWith(protocols), {}), undefined);
});

describe('a token among the subprotocols of a WebSocket – that cannot be read – is a 401', () => {
  for (const [what, wrong] of [
    ['no other protocol to answer with', protocol],
    ['two tokens', `${answerable}, ${protocol}, ${protocol}`],
    ['no base64url', `x, ${protocol}!`],
  ] as const) {
    test(what, () => {
      const request = requestWith({ ...webSocket, 'sec-websocket-protocol': wrong });
      assert.throws(() => authenticator.authenticate(request, {}), is401);
    });
  }
});

test('a warning of the authenticator – beside a user – is sent to the client', async () => {
  const warnings: string[] = [];
  const warning = 'use another token';
  const warned = bearerTokenAuthenticator(
    { name: 'old', authenticate: () => ({ user: jane, audiences: ['api'], warning }) },
    ['api'],
  );
  await warned.authenticate(requestWith({ authorization: 'Bearer t' }), {}, (text) => warnings.push(text));
  assert.deepEqual(warnings, [warning]);
});

describe('the header Authorization – with other schemes and odd spacing – is read as upstream reads it', () => {
  const chain = (headers: Record<string, string>) =>
    authenticator.authenticate(requestWith(headers), {}) ??
    anonymousAuthenticator.authenticate(requestWith(headers), {});
  const cases: [string, string][] = [
    ['Bearer s3cret', 'jane'],
    ['bEARER s3cret', 'jane'],
    ['  Bearer s3cret  ', 'jane'],
    ['Bearer s3cret and more', 'jane'],
    ['Bearer', 'system:anonymous'],
    ['Bearer  s3cret', 'system:anonymous'],
    ['Bearer\ts3cret', 'system:anonymous'],
    ['Basic amFuZTpwYXNz', 'system:anonymous'],
    ['s3cret', 'system:anonymous'],
    ['', 'system:anonymous'],
  ];
  for (const [authorization, name] of cases) {
    test(JSON.stringify(authorization), async () => {
      assert.equal((await chain({ authorization }))?.name, name);
    });
  }
});
