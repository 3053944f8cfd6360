import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configMaps } from '#api/generated/kinds.gen.ts';
import { type Hooks, refusalOf, startHooks } from '#testing/server/hooks.ts';

const map = (name: string, more: object = {}) => ({ metadata: { name, namespace: 'default' }, ...more });

const conditions = (...expressions: string[]) =>
  expressions.map((expression, i) => ({ name: `c${i}`, expression }));

const create = ({ api }: Hooks, name: string, user?: string) =>
  refusalOf((user ? api.as(user, 'system:masters') : api.client).create(configMaps, map(name)));

test('match conditions – over object, request and authorizer – exclude requests from the webhook', async (t) => {
  const hooks = await startHooks(t);
  await hooks.configure('validating', 'hook', {
    matchConditions: conditions(
      'object.metadata.name.startsWith("a")',
      'request.userInfo.username != "bob" && request.operation == "CREATE" && oldObject == null',
      'authorizer.group("").resource("configmaps").namespace("default").check("create").allowed()',
    ),
  });
  await create(hooks, 'b1');
  await create(hooks, 'a1', 'bob');
  await create(hooks, 'a2');
  assert.deepEqual(
    hooks.asked().map(({ name }) => name),
    ['a2'],
  );
});

test('match conditions – a false condition beside a failing one – exclude the request', async (t) => {
  const hooks = await startHooks(t);
  await hooks.configure('mutating', 'hook', {
    matchConditions: conditions('object.nothing.x == 1', 'false'),
  });
  assert.equal(await create(hooks, 'c'), 'not refused');
  assert.equal(hooks.asked().length, 0);
});

test('match conditions – that fail, none false – reject the request, or skip the webhook if it fails open', async (t) => {
  const hooks = await startHooks(t);
  const matchConditions = conditions('object.nothing.x == 1', 'true');
  await hooks.configure('validating', 'open', { matchConditions, failurePolicy: 'Ignore' });
  assert.equal(await create(hooks, 'c'), 'not refused');
  await hooks.configure('validating', 'closed', { matchConditions });
  assert.equal(
    await create(hooks, 'd'),
    '403 Forbidden configmaps "d" is forbidden: expression \'object.nothing.x == 1\' resulted in error: no such key: nothing',
  );
  assert.equal(hooks.asked('/open').length + hooks.asked('/closed').length, 0);
});
