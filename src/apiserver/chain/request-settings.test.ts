/** How requests are taken – by the arguments of the API server, each set apart from the others. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type IncomingHttpHeaders } from 'node:http2';
import { request } from 'node:https';
import { type TestContext, test } from 'node:test';
import type { ApiServerArguments } from '#api/configuration/api-server-arguments.ts';
import { configMaps } from '#api/generated/kinds.gen.ts';
import { bodyText } from '#client/transport/body.ts';
import { startTestServer, type TestServer } from '#testing/server/test-server.ts';
import type { VirtualClock } from '#testing/virtual-clock.ts';
import type { Authenticator } from '../contract/authentication.ts';
import type { SpecialHandler } from '../contract/special-handler.ts';
import { requestSettings } from '../request/request-settings.ts';

/** Held until the test lets them go. */
let held: (() => void)[] = [];
const holding = (method: 'get' | 'create'): SpecialHandler => ({
  group: '',
  resource: 'pods',
  subresource: 'held',
  verbs: [method],
  handle: () =>
    new Promise((resolve) => {
      held.push(() => resolve({ status: 200, headers: {}, body: Buffer.from('held') }));
    }),
});

const byToken: Authenticator = {
  name: 'token',
  authenticate: ({ headers: { authorization = 'jane' } }) => ({
    name: authorization,
    groups: [authorization === 'root' ? 'system:masters' : 'system:authenticated'],
  }),
};

async function start(t: TestContext, given: ApiServerArguments): Promise<TestServer> {
  held = [];
  const server = await startTestServer({
    https: true,
    authenticators: [byToken],
    specialHandlers: [holding('get'), holding('create')],
    requests: requestSettings(given),
  });
  t.after(() => server.stop());
  return server;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

function ask(
  { port, pki }: TestServer,
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ port, ca: pki.ca.certPem, path, headers, method, agent: false }, (answer) => {
      answer.toArray().then((parts) => {
        const text = Buffer.concat(parts as Uint8Array[]).toString();
        resolve({ status: answer.statusCode!, headers: answer.headers, text });
      }, reject);
    });
    sent.on('error', reject);
    sent.end();
  });
}

const heldPath = '/api/v1/namespaces/default/pods/p/held';

async function untilHeld(count: number): Promise<void> {
  while (held.length < count) await new Promise((resolve) => setImmediate(resolve));
}

test('requests under way, without priority and fairness – more than the limit of their kind – get 429 but for system:masters', async (t) => {
  const server = await start(t, {
    'enable-priority-and-fairness': false,
    'max-requests-inflight': 1,
    'max-mutating-requests-inflight': 2,
  });
  const reading = ask(server, heldPath);
  await untilHeld(1);
  const refused = await ask(server, heldPath);
  assert.deepEqual(
    [refused.status, refused.headers['retry-after'], refused.text],
    [429, '1', 'Too many requests, please try again later.\n'],
  );
  const masters = ask(server, heldPath, { authorization: 'root' });
  const writing = [ask(server, heldPath, {}, 'POST'), ask(server, heldPath, {}, 'POST')];
  await untilHeld(4);
  assert.equal((await ask(server, heldPath, {}, 'POST')).status, 429);
  for (const release of held.splice(0)) release();
  for (const { status } of await Promise.all([reading, masters, ...writing])) assert.equal(status, 200);
  const after = await ask(server, '/version');
  assert.deepEqual([after.status, after.headers['x-kubernetes-pf-flowschema-uid']], [200, undefined]);
  assert.equal((await ask(server, '/debug/api_priority_and_fairness/dump_queues')).status, 404);
});

test('seats of priority and fairness – are the sum of both limits', async (t) => {
  const server = await start(t, { 'max-requests-inflight': 10, 'max-mutating-requests-inflight': 5 });
  const { text } = await ask(server, '/metrics', { authorization: 'root' });
  const limits = [...text.matchAll(/^apiserver_flowcontrol_nominal_limit_seats\{.*\} (\d+)$/gm)];
  const sum = limits.reduce((total, [, seats]) => total + Number(seats), 0);
  assert.ok(limits.length > 0 && sum >= 15 && sum <= 15 + limits.length, text);
  assert.throws(
    () => requestSettings({ 'max-requests-inflight': 0, 'max-mutating-requests-inflight': 0 }),
    /together they must be above 0/,
  );
});

test('a request – longer under way than request-timeout – gets 504, whatever longer time it asked for', async (t) => {
  const server = await start(t, { 'request-timeout': 100 });
  for (const query of ['', '?timeout=30s']) {
    const { status, text } = await ask(server, heldPath + query);
    assert.equal(status, 504);
    assert.match(text, /request did not complete within the allotted timeout/);
  }
  for (const release of held.splice(0)) release();
});

for (const [seconds, endsAfterMs] of [
  [10, 20_000],
  [0, undefined],
] as const) {
  test(`a watch without a time of its own, at min-request-timeout ${seconds} – ends ${endsAfterMs ? 'within twice that' : 'never'}`, async (t) => {
    const server = await startTestServer({ requests: requestSettings({ 'min-request-timeout': seconds }) });
    t.after(() => server.stop());
    const path = '/api/v1/configmaps?watch=true';
    const { body } = await server.transport.request({ method: 'GET', path, headers: {} });
    let isOver = false;
    assert.ok('start' in body);
    body.start({
      write: () => true,
      end() {
        isOver = true;
      },
      fail: assert.fail,
      onDrain() {},
      onClose() {},
    });
    const clock = server.env.clock as VirtualClock;
    await clock.advance(9000);
    assert.equal(isOver, false);
    await clock.advance(endsAfterMs ?? 48 * 3600_000);
    assert.equal(isOver, endsAfterMs !== undefined);
  });
}

test('a page of an allowed origin – asks, preflight or request – is let in, and no other page', async (t) => {
  const server = await start(t, { 'cors-allowed-origins': ['^https://good\\.example(:|$)'] });
  const preflight = await ask(server, '/api', { origin: 'https://good.example:8443' }, 'OPTIONS');
  assert.deepEqual(
    [
      preflight.status,
      preflight.headers['access-control-allow-origin'],
      preflight.headers['access-control-allow-methods'],
      preflight.headers['access-control-allow-credentials'],
      preflight.headers['access-control-expose-headers'],
    ],
    [204, 'https://good.example:8443', 'POST, GET, OPTIONS, PUT, DELETE, PATCH', 'true', 'Date'],
  );
  const asked = await ask(server, '/version', { origin: 'https://good.example' });
  assert.equal(asked.status, 200);
  assert.equal(asked.headers['access-control-allow-origin'], 'https://good.example');
  for (const origin of ['https://good.example.evil', 'http://good.example', '']) {
    const { headers } = await ask(server, '/version', origin ? { origin } : {});
    assert.equal(headers['access-control-allow-origin'], undefined, origin);
  }
});

test('Strict-Transport-Security – with directives – is on every answer', async (t) => {
  const directives = ['max-age=31536000', 'includeSubDomains'];
  const server = await start(t, { 'strict-transport-security-directives': directives });
  for (const path of ['/version', '/api/v1/pods', '/nothing']) {
    const { headers } = await ask(server, path);
    assert.equal(headers['strict-transport-security'], 'max-age=31536000; includeSubDomains');
  }
});

test('an HTTP/2 connection – by the chance of goaway-chance – ends when its requests are answered', async (t) => {
  const server = await startTestServer({
    https: true,
    authenticators: [byToken],
    requests: { ...requestSettings(), goawayChance: 1 },
  });
  t.after(() => server.stop());
  const session = connect(server.url, { ca: server.pki.ca.certPem });
  t.after(() => session.destroy());
  const closed = once(session, 'close');
  const stream = session.request({ ':path': '/version' });
  const [{ ':status': status }] = await once(stream, 'response');
  assert.equal(status, 200);
  stream.resume();
  await closed;
  assert.equal((await ask(server, '/version')).status, 200);
});

test('/livez – before the start has finished – passes during livez-grace-period, and /readyz does not', async (t) => {
  const { transport, env, stop } = await startTestServer({
    startHooks: { 'poststarthook/a': () => 'not finished' },
    requests: requestSettings({ 'livez-grace-period': 10_000 }),
  });
  t.after(stop);
  const statusOf = async (path: string) =>
    (await transport.request({ method: 'GET', path, headers: {} })).status;
  assert.deepEqual([await statusOf('/livez'), await statusOf('/readyz')], [200, 500]);
  await (env.clock as VirtualClock).advance(10_001);
  assert.equal(await statusOf('/livez'), 500);
});

test('a DELETE of a collection – by one worker – deletes all of it, one after the other', async (t) => {
  const seen: number[] = [];
  let underWay = 0;
  const { client, transport, stop } = await startTestServer({
    requests: requestSettings({ 'delete-collection-workers': 1 }),
    admission: [
      {
        name: 'counter',
        rules: [{ operations: ['DELETE'], apiGroups: [''], apiVersions: ['*'], resources: ['configmaps'] }],
        async validate() {
          seen.push(++underWay);
          await new Promise((resolve) => setImmediate(resolve));
          underWay--;
        },
      },
    ],
  });
  t.after(stop);
  for (const name of ['a', 'b', 'c']) {
    await client.create(configMaps, { metadata: { name, namespace: 'default' } });
  }
  const path = '/api/v1/namespaces/default/configmaps';
  const answer = await transport.request({ method: 'DELETE', path, headers: {} });
  assert.equal(answer.status, 200, await bodyText(answer));
  assert.deepEqual(seen, [1, 1, 1]);
});
