/** Who may act as whom, and as what the request then goes on. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuthorizationAttributes } from '../contract.ts';
import { admin, startTestServer } from '../testing-server.ts';

async function ask(headers: Record<string, string>, allow: (attributes: AuthorizationAttributes) => boolean) {
  const asked: AuthorizationAttributes[] = [];
  const server = await startTestServer({
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
  try {
    const request = { method: 'GET', path: '/api/v1/pods', headers };
    const response = await server.server.transport(admin).request(request);
    const body = JSON.parse(Buffer.concat([response.body as Uint8Array].flat()).toString());
    return { status: response.status, message: body.message, asked };
  } finally {
    await server.stop();
  }
}

test('the request goes on as the other user', async () => {
  const headers = {
    'impersonate-user': 'jane',
    'impersonate-group': 'dev, ops',
    'impersonate-extra-scope': 'x',
  };
  const { status, asked } = await ask(headers, () => true);
  assert.equal(status, 200);
  assert.deepEqual(
    asked.map(({ verb, resource, subresource, name }) =>
      [verb, resource, subresource, name].join(' ').trim(),
    ),
    [
      'impersonate users  jane',
      'impersonate groups  dev',
      'impersonate groups  ops',
      'impersonate userextras scope x',
      'list pods',
    ],
  );
  assert.deepEqual(asked.at(-1)!.user, {
    name: 'jane',
    groups: ['dev', 'ops', 'system:authenticated'],
    extra: { scope: ['x'] },
  });
});

test('a service account brings its groups', async () => {
  const { asked } = await ask({ 'impersonate-user': 'system:serviceaccount:ns:sa' }, () => true);
  assert.deepEqual(
    [asked[0]!.resource, asked[0]!.namespace, asked[0]!.name],
    ['serviceaccounts', 'ns', 'sa'],
  );
  assert.deepEqual(asked.at(-1)!.user.groups, [
    'system:serviceaccounts',
    'system:serviceaccounts:ns',
    'system:authenticated',
  ]);
});

test('who may not is told so', async () => {
  const { status, message } = await ask({ 'impersonate-user': 'jane' }, ({ verb }) => verb !== 'impersonate');
  assert.equal(status, 403);
  assert.equal(
    message,
    'users "jane" is forbidden: User "admin" cannot impersonate resource "users" in API group "" at the cluster scope',
  );
});

test('groups without a user are a mistake', async () => {
  assert.equal((await ask({ 'impersonate-group': 'dev' }, () => true)).status, 400);
});
