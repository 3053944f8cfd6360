import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Registry } from 'prom-client';
import type { AuthorizationDecision } from '../contract/authorization.ts';
import { ask } from '../testing/authorization.ts';
import { DecisionCounts } from './decision-counts.ts';

test('authorizers – that allow, deny and have no opinion – are counted for what they decide, now or later', async () => {
  const registry = new Registry();
  const counts = new DecisionCounts(registry);
  const answers: AuthorizationDecision['decision'][] = ['allow', 'deny', 'noOpinion', 'allow'];
  let asked = 0;
  const next = () => ({ decision: answers[asked++]!, reason: '' });
  const atOnce = counts.counting({ name: 'a', authorize: next }, 'RBAC', 'rbac');
  const later = counts.counting({ name: 'b', authorize: async () => next() }, 'Webhook', 'policy');
  const question = ask({ name: 'jane', groups: [] }, 'get', '|pods', 'a/b');
  for (const authorizer of [atOnce, atOnce, atOnce, later]) await authorizer.authorize(question);
  await registry.metrics();
  const lines = (await registry.metrics()).split('\n').filter((line) => line.startsWith('apiserver_'));
  assert.deepEqual(lines.sort(), [
    'apiserver_authorization_decisions_total{type="RBAC",name="rbac",decision="allowed"} 1',
    'apiserver_authorization_decisions_total{type="RBAC",name="rbac",decision="denied"} 1',
    'apiserver_authorization_decisions_total{type="Webhook",name="policy",decision="allowed"} 1',
  ]);
});
