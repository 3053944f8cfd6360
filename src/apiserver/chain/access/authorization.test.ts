import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StatusError } from '#api/meta/status.ts';
import type { AuthorizationDecision, Authorizer } from '../../contract/authorization.ts';
import type { Exchange } from '../../request/exchange.ts';
import { parseRequest } from '../../request/parse-request.ts';
import { authorization } from './authorization.ts';

const deciding = (decide: () => AuthorizationDecision | Promise<AuthorizationDecision>): Authorizer => ({
  name: 'test',
  authorize: decide,
});
const allow = { decision: 'allow', reason: '' } as const;
const noOpinion = { decision: 'noOpinion', reason: 'who is that?' } as const;

function enter(...authorizers: readonly Authorizer[]) {
  const info = parseRequest('GET', '/api/v1/namespaces/a/pods/p');
  const exchange = { info, user: { name: 'jane', groups: [] } } as unknown as Exchange;
  return authorization(authorizers).enter!(exchange);
}

test('a request – that an authorizer allows at once – passes without a promise', () => {
  assert.equal(
    enter(
      deciding(() => noOpinion),
      deciding(() => allow),
    ),
    undefined,
  );
});

test('a request – that no authorizer allows, now or later – is a 403 with the reason', async () => {
  const is403 = (error: unknown) =>
    error instanceof StatusError &&
    error.status.message ===
      'pods "p" is forbidden: User "jane" cannot get resource "pods" in API group "" in the namespace "a": who is that?';
  assert.throws(() => enter(deciding(() => noOpinion)), is403);
  await assert.rejects(async () => enter(deciding(async () => noOpinion)), is403);
  assert.equal(await enter(deciding(async () => allow)), undefined);
});
