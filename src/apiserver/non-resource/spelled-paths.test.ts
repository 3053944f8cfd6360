/** However the path to something protected is spelled: what is judged is what is served. */

import assert from 'node:assert/strict';
import { Agent, type RequestOptions, request } from 'node:https';
import { type TestContext, test } from 'node:test';
import { clusterRoleBindings, clusterRoles, namespaces, secrets } from '#api/generated/kinds.gen.ts';
import { startTestServer } from '#testing/server/test-server.ts';

const mark = 'cHJvdGVjdGVk';
const readable = ['/api/v1/namespaces/open/secrets/own', '/healthz/ping', '/openapi/v2', '/apis'];
const hidden = ['/api/v1/namespaces/closed/secrets/theirs', '/metrics', '/api/v1/secrets', '/api/v1/nodes'];

/** One path in many spellings; some mean the same, some nothing, some another path. */
function* spellings(from: string, to: string): Generator<string> {
  const up = from.split('/').slice(1);
  for (const dot of ['..', '%2e%2e', '.%2E', '%252e%252e', '..;', '..%00', '.', '%2e']) {
    for (const slash of ['/', '%2f', '%2F', '\\', '%5c', '//', '/./']) {
      for (let depth = 1; depth <= up.length + 1; depth++) {
        yield `${from}${`${slash}${dot}`.repeat(depth)}${slash}${to.slice(1)}`;
      }
    }
  }
  yield `${to}/`;
  yield `/${to}`;
  yield `//${to}`;
  yield to.replaceAll('/', '//');
  yield to.replaceAll('/', '/./');
  yield to.replaceAll(/[a-z]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`);
  yield `/${to.slice(1).replaceAll('/', '%2f')}`;
  yield `/${to.slice(1).replaceAll('/', '%252f')}`;
  yield `/${to.slice(1).replaceAll('/', '\\')}`;
  yield `${to}?x=${from}`;
  yield `${from}?/..${to}`;
  yield `${from}%3f/..${to}`;
  yield `${to}#${from}`;
  yield `${from}#/../${to}`;
  yield `https://127.0.0.1${to}`;
  yield `${to};${from}`;
  yield `${to}%00${from}`;
  yield `${to.toUpperCase()}`;
}

async function start(t: TestContext) {
  const api = await startTestServer({ setup: 'kubernetes', https: true });
  t.after(api.stop);
  const { pki, client } = api;
  for (const name of ['open', 'closed']) await client.create(namespaces, { metadata: { name } });
  await client.create(secrets, { metadata: { name: 'own', namespace: 'open' } });
  await client.create(secrets, { metadata: { name: 'theirs', namespace: 'closed' }, data: { of: mark } });
  await client.create(clusterRoles, {
    metadata: { name: 'one-secret' },
    rules: [
      { verbs: ['get'], apiGroups: [''], resources: ['secrets'], resourceNames: ['own'] },
      { verbs: ['get'], nonResourceURLs: ['/healthz/*', '/openapi/*', '/metrics/*'] },
    ],
  });
  await client.create(clusterRoleBindings, {
    metadata: { name: 'one-secret' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'one-secret' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'jane' }],
  });
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  t.after(() => agent.destroy());
  const port = api.port;
  const get = (who: Asker, path: string) => ask({ agent, port, path, ca: pki.ca.certPem, ...who });
  const jane = pki.leaf('jane', { commonName: 'jane', usages: ['clientAuth'] });
  const identityOf = (certificate: { certPem: string; keyPem: string }) => ({
    cert: certificate.certPem,
    key: certificate.keyPem,
  });
  return { get, jane: identityOf(jane), admin: identityOf(pki.admin()) };
}

interface Asker {
  readonly cert: string;
  readonly key: string;
}

/** The path as it stands, which a URL would not let pass. */
function ask(options: RequestOptions): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', ...options }, (answer) => {
      answer.toArray().then((chunks) => {
        resolve({ status: answer.statusCode!, body: Buffer.concat(chunks).toString() });
      }, reject);
    });
    asked.once('error', reject).end();
  });
}

test('a path – in any spelling – does not lead from an allowed path to a forbidden one', async (t) => {
  const { get, jane } = await start(t);
  for (const path of hidden) {
    await t.test(`${path} – forbidden`, async () => {
      assert.equal((await get(jane, path)).status, 403, path);
    });
  }
  for (const path of readable) {
    await t.test(`${path} – allowed`, async () => {
      assert.equal((await get(jane, path)).status, 200, path);
    });
  }
  let tried = 0;
  for (const from of readable) {
    for (const to of hidden) {
      await t.test(`from ${from} to ${to}`, async () => {
        for (const spelt of spellings(from, to)) {
          const { status, body } = await get(jane, spelt);
          const isServed = body.includes(mark) || /^# HELP|^{"kind":"(Node|Secret)List"/.test(body);
          assert.equal(isServed, false, spelt);
          assert.notEqual(status, 500, `${spelt}: ${body}`);
          tried++;
        }
      });
    }
  }
  assert.ok(tried > 1000);
});

test('an allowed path – in the spellings that upstream reads – is read, in no other', async (t) => {
  const { get, admin } = await start(t);
  const asked = (path: string) => get(admin, path);
  const own = '/api/v1/namespaces/open/secrets/own';
  const same = [`${own}/`, `${own}//`, '/api/v1/namespaces/open%2Fsecrets/%6Fwn', `https://any${own}`];
  for (const path of same) {
    await t.test(path, async () => {
      assert.equal(JSON.parse((await asked(path)).body).metadata.name, 'own');
    });
  }
  const noResource = 'the server could not find the requested resource';
  const noPage = '404 page not found\n';
  const others: [string, number, string][] = [
    [`/${own}`, 404, noPage],
    ['/api//v1/namespaces', 404, noResource],
    ['/api/v1//namespaces', 404, noResource],
    ['/api/v1/namespaces/open/x/../secrets/own', 404, noResource],
    ['/api/v1/namespaces/open/secrets/..', 400, `Name parameter invalid: "..": may not be '..'`],
    ['/api/v1/namespaces/open/secrets/a%25b', 400, `Name parameter invalid: "a%b": may not contain '%'`],
    [
      '/api/v1/watch',
      500,
      'Internal Server Error: "/api/v1/watch": failed to create RequestInfo: unable to determine kind and namespace from url, /api/v1/watch\n',
    ],
    ['/api/v1/namespaces/open/secrets/own%', 400, '400 Bad Request'],
    ['/api/v1/namespaces%zz', 400, '400 Bad Request'],
    ['/metrics/', 404, noPage],
    ['/healthz/', 404, noPage],
    ['/apis//apps', 404, noPage],
  ];
  for (const [path, code, text] of others) {
    await t.test(path, async () => {
      const { status, body } = await asked(path);
      const message = body.startsWith('{') ? JSON.parse(body).message : body;
      assert.deepEqual([status, message], [code, text]);
    });
  }
  for (const path of ['/version/', '/%76ersion', '/apis/', '/apis/apps/', '/%6detrics']) {
    await t.test(path, async () => {
      assert.equal((await asked(path)).status, 200);
    });
  }
});
