/** Who may act as whom, and as what the request then goes on. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { UserInfo } from '#api/meta/user.ts';
import { adminUser, startTestServer } from '#testing/server/test-server.ts';
import type { AuthorizationAttributes } from '../../contract/authorization.ts';

type Lines = Readonly<Record<string, string | readonly string[]>>;

async function ask(
  lines: Lines,
  allow: (asked: AuthorizationAttributes) => boolean,
  user: UserInfo = adminUser,
) {
  const asked: AuthorizationAttributes[] = [];
  await using server = await startTestServer({
    authorizers: [
      {
        name: 'recorder',
        authorize(attributes) {
          asked.push(attributes);
          return { decision: allow(attributes) ? 'allow' : 'noOpinion', reason: '' };
        },
      },
    ],
  });
  const request = {
    method: 'GET',
    path: '/api/v1/pods',
    headers: Object.fromEntries(
      Object.entries(lines).map(([name, line]) => [name, [line].flat().join(', ')]),
    ),
    linesOf: (name: string) => [lines[name] ?? []].flat(),
  };
  const response = await server.server.transport(user).request(request);
  const body = JSON.parse(Buffer.concat([response.body as Uint8Array].flat()).toString());
  return { status: response.status, message: body.message, asked };
}

const shown = ({ verb, group, resource, subresource, namespace, name }: AuthorizationAttributes) =>
  [verb, group, resource, subresource, namespace, name].filter(Boolean).join(' ');
const isLegacy = ({ verb }: AuthorizationAttributes) => !verb.startsWith('impersonate-on:');

test('a request – impersonating – goes on as the other user; a line of a header is one value, commas and all', async () => {
  const headers = {
    'impersonate-user': 'jane',
    'impersonate-group': ['dev', 'a, b'],
    'impersonate-extra-scope': ['x', 'y,z'],
    'impersonate-extra-acme.io%2fteam': '1',
  };
  const { status, asked } = await ask(headers, isLegacy);
  assert.equal(status, 200);
  assert.deepEqual(asked.map(shown), [
    'impersonate-on:user-info:list pods',
    'impersonate users jane',
    'impersonate groups dev',
    'impersonate groups a, b',
    'impersonate authentication.k8s.io userextras scope x',
    'impersonate authentication.k8s.io userextras scope y,z',
    'impersonate authentication.k8s.io userextras acme.io/team 1',
    'list pods',
  ]);
  assert.deepEqual(asked.at(-1)!.user, {
    name: 'jane',
    groups: ['dev', 'a, b', 'system:authenticated'],
    extra: { scope: ['x', 'y,z'], 'acme.io/team': ['1'] },
  });
});

test('a key of extra – that is badly escaped – is taken as it is written', async () => {
  const headers = { 'impersonate-user': 'jane', 'impersonate-extra-%zz': '1', 'impersonate-extra-a%ff': '2' };
  const { status, asked } = await ask(headers, () => true);
  assert.equal(status, 200);
  assert.deepEqual(asked.at(-1)!.user.extra, { '%zz': ['1'], 'a\ufffd': ['2'] });
});

test('a service account – impersonated – brings its groups', async () => {
  const { asked } = await ask({ 'impersonate-user': 'system:serviceaccount:ns:sa' }, isLegacy);
  assert.equal(asked.map(shown)[1], 'impersonate serviceaccounts ns sa');
  assert.deepEqual(asked.at(-1)!.user.groups, [
    'system:serviceaccounts',
    'system:serviceaccounts:ns',
    'system:authenticated',
  ]);
  const other = await ask({ 'impersonate-user': 'system:serviceaccount:a:b:c' }, isLegacy);
  assert.equal(other.asked.map(shown)[1], 'impersonate users system:serviceaccount:a:b:c');
});

test('constrained impersonation – in each way – asks for the deed and for the user, and a node is one of all nodes', async (t) => {
  const on = 'authentication.k8s.io';
  const named = (name: string, user?: UserInfo, allow = () => true) =>
    ask({ 'impersonate-user': name }, allow, user);
  const cases: [string, string[]][] = [
    ['jane', ['impersonate-on:user-info:list pods', `impersonate:user-info ${on} users jane`]],
    [
      'system:serviceaccount:ns:sa',
      ['impersonate-on:serviceaccount:list pods', `impersonate:serviceaccount ${on} serviceaccounts ns sa`],
    ],
    [
      'system:node:n1',
      ['impersonate-on:arbitrary-node:list pods', `impersonate:arbitrary-node ${on} nodes n1`],
    ],
  ];
  for (const [name, expected] of cases) {
    await t.test(name, async () => {
      assert.deepEqual((await named(name)).asked.map(shown), [...expected, 'list pods']);
    });
  }
  const agent = {
    name: 'system:serviceaccount:ns:agent',
    groups: [],
    extra: { 'authentication.kubernetes.io/node-name': ['n1'] },
  };
  const { asked } = await named('system:node:n1', agent);
  assert.deepEqual(asked.map(shown).slice(0, 2), [
    'impersonate-on:associated-node:list pods',
    `impersonate:associated-node ${on} nodes *`,
  ]);
  assert.deepEqual(asked[0]!.user.extra, {
    'authentication.kubernetes.io/associated-node-keys': ['authentication.kubernetes.io/node-name'],
  });
  assert.deepEqual(asked.at(-1)!.user.groups, ['system:nodes', 'system:authenticated']);
});

test('constrained impersonation – of many groups – may be allowed at once, of system:masters never', async () => {
  const groups = ['a', 'b', 'c', 'd'];
  const many = await ask({ 'impersonate-user': 'jane', 'impersonate-group': groups }, () => true);
  assert.deepEqual(many.asked.map(shown).slice(2), [
    'impersonate:user-info authentication.k8s.io groups *',
    'list pods',
  ]);
  const masters = { 'impersonate-user': 'jane', 'impersonate-group': 'system:masters' };
  const { message } = await ask(masters, ({ verb }) => verb !== 'impersonate');
  assert.match(message, /: impersonating the system:masters group is not allowed$/);
  assert.equal((await ask(masters, () => true)).status, 200);
});

test('impersonation – without the right to it – is refused with the first refusal', async () => {
  const { status, message } = await ask({ 'impersonate-user': 'jane' }, ({ verb }) => verb === 'list');
  assert.equal(status, 403);
  assert.equal(
    message,
    'pods is forbidden: User "kubernetes-admin" cannot impersonate-on:user-info:list resource "pods" in API group "" at the cluster scope',
  );
  const node = await ask(
    { 'impersonate-user': 'system:node:n1', 'impersonate-uid': 'u' },
    ({ verb }) => verb === 'list',
  );
  assert.equal(
    node.message,
    'users "system:node:n1" is forbidden: User "kubernetes-admin" cannot impersonate resource "users" in API group "" at the cluster scope',
  );
});

test('impersonated groups – without a user – are a bad request', async () => {
  const { status, message } = await ask({ 'impersonate-group': ['dev', ''] }, () => true);
  assert.equal(status, 400);
  assert.equal(
    message,
    'requested &user.DefaultInfo{Name:"", UID:"", Groups:[]string{"dev", ""}, Extra:map[string][]string(nil)} without impersonating a user name',
  );
});
