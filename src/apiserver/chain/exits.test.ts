/**
 * Where requests leave the chain: whichever stage answers, and however a request came in, it is counted,
 * audited and named once.
 */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:http2';
import { request } from 'node:https';
import { after, test } from 'node:test';
import { badRequest, unauthorized } from '#api/meta/status.ts';
import type { UserInfo } from '#api/meta/user.ts';
import { bodyText } from '#client/transport/body.ts';
import { eventually } from '#testing/client-suite.ts';
import { recordedAudit } from '#testing/server/recorded-audit.ts';
import { startTestServer } from '#testing/server/test-server.ts';
import { anonymousAuthenticator } from '../authn/anonymous.ts';
import type { Authenticator } from '../contract/authentication.ts';
import type { Authorizer } from '../contract/authorization.ts';
import type { SpecialHandler } from '../contract/special-handler.ts';

const serverSeats = 600;

/** The bearer token is the user's name; `bad` is no token. */
const byToken: Authenticator = {
  name: 'token',
  authenticate({ headers: { authorization = '' } }) {
    const name = authorization.replace('Bearer ', '');
    if (name === 'bad') throw unauthorized();
    return name === '' ? undefined : { name, groups: name === 'root' ? ['system:masters'] : [] };
  },
};

const may = new Set(['kubernetes-admin', 'root', 'jane']);
const authorizer: Authorizer = {
  name: 'names',
  authorize: ({ user }) => ({ decision: may.has(user.name) ? 'allow' : 'noOpinion', reason: '' }),
};

function connection(subresource: string, upgrade: NonNullable<SpecialHandler['upgrade']>): SpecialHandler {
  const handle = async () => {
    throw badRequest('Upgrade request required');
  };
  return { group: '', resource: 'pods', subresource, verbs: ['get'], handle, upgrade };
}

const specialHandlers: readonly SpecialHandler[] = [
  connection('exec', async (_, __, socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: test\r\n\r\n');
    return 101;
  }),
  connection('attach', async () => {
    throw new Error('the other end broke');
  }),
  connection('portforward', async (_, __, socket) => {
    socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n');
    return 404;
  }),
];

const { audit, events } = recordedAudit({ rules: [{ level: 'Metadata' }] });

/** Id, status and user of each answer; of a connection that stays open, when it begins. */
function audited(): string[] {
  return events
    .filter(({ responseStatus }) => responseStatus)
    .map(({ auditID, responseStatus, user }) => `${auditID} ${responseStatus?.code} ${user.username ?? ''}`)
    .filter((line, index, lines) => line !== lines[index - 1]);
}

const server = await startTestServer({
  https: true,
  authenticators: [byToken, anonymousAuthenticator],
  authorizers: [authorizer],
  audit,
  specialHandlers,
  documents: {
    '/broken': () => {
      throw new Error('a document broke');
    },
  },
});
const { pki, port } = server;
after(() => server.stop());

interface Exit {
  readonly name: string;
  /** Default `https`. */
  readonly by?: 'process' | 'upgrade';
  readonly user?: string;
  readonly ask: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly status: number;
  /** The whole message of the Status, or the whole text. */
  readonly says?: string;
  /** Whose answer was audited; absent where the request was refused before its audit. */
  readonly as?: string;
  /** The last stage that was measured. */
  readonly last: string;
  /** Verb, resource and code. */
  readonly counted: string;
}

const pods = '/api/v1/namespaces/a/pods';
const denied = (user: string, what: string) => `pods is forbidden: User "${user}" ${what}`;
const tooLarge = { 'content-type': 'application/json', 'content-length': String(4 * 1024 * 1024) };
const inPods = 'cannot list resource "pods" in API group "" in the namespace "a"';
const late = 'Timeout: request did not complete within the allotted timeout';

// biome-ignore format: a table
const exits: readonly Exit[] = [
  { name: 'a URL without a meaning', ask: 'GET /%zz', status: 400, says: '400 Bad Request', last: 'request-info', counted: 'GET  400' },
  { name: 'a timeout that is none', ask: `GET ${pods}?timeout=soon`, user: 'jane', status: 400, says: 'invalid timeout specified in the request URL - time: invalid duration "soon"', as: '', last: 'request-info', counted: 'LIST pods 400' },
  { name: 'a bad token', ask: `GET ${pods}`, user: 'bad', status: 401, says: 'Unauthorized', as: '', last: 'authentication', counted: 'LIST pods 401' },
  { name: 'an anonymous caller', ask: `GET ${pods}`, status: 403, says: denied('system:anonymous', inPods), as: 'system:anonymous', last: 'authorization', counted: 'LIST pods 403' },
  { name: 'impersonation that is not allowed', ask: `GET ${pods}`, user: 'bob', headers: { 'impersonate-user': 'jane' }, status: 403, says: 'pods is forbidden: User "bob" cannot impersonate-on:user-info:list resource "pods" in API group "" in the namespace "a"', as: 'bob', last: 'impersonation', counted: 'LIST pods 403' },
  { name: 'impersonation of one who may not', ask: `GET ${pods}`, user: 'jane', headers: { 'impersonate-user': 'bob' }, status: 403, says: denied('bob', inPods), as: 'jane', last: 'authorization', counted: 'LIST pods 403' },
  { name: 'two slashes before the path', ask: 'GET //version', user: 'jane', status: 404, says: '404 page not found\n', as: 'jane', last: 'authorization', counted: 'GET  404' },
  { name: 'a body that is too large', ask: `POST ${pods}`, user: 'jane', headers: tooLarge, status: 413, says: 'Request entity too large: limit is 3145728', as: 'jane', last: 'body', counted: 'POST pods 413' },
  { name: 'a body of an unknown type', ask: `POST ${pods}`, user: 'jane', headers: { 'content-type': 'text/html' }, body: '<p>', status: 415, says: 'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf', as: 'jane', last: 'dispatch', counted: 'POST pods 415' },
  { name: 'a path that is not there', ask: 'GET /nowhere', user: 'jane', status: 404, says: '404 page not found\n', as: 'jane', last: 'dispatch', counted: 'GET  404' },
  { name: 'a method that is not there', ask: 'POST /version', user: 'jane', status: 405, says: 'the server does not allow this method on the requested resource', as: 'jane', last: 'dispatch', counted: 'POST  405' },
  { name: 'a handler that breaks', ask: 'GET /broken', user: 'jane', status: 500, says: 'Internal error occurred: a document broke', as: 'jane', last: 'dispatch', counted: 'GET  500' },
  { name: 'a list', ask: `GET ${pods}`, user: 'jane', status: 200, as: 'jane', last: 'dispatch', counted: 'LIST pods 200' },
  { name: 'in process – who may not', by: 'process', ask: `GET ${pods}`, user: 'bob', status: 403, says: denied('bob', inPods), as: 'bob', last: 'authorization', counted: 'LIST pods 403' },
  { name: 'in process – a handler that breaks', by: 'process', ask: 'GET /broken', user: 'jane', status: 500, says: 'Internal error occurred: a document broke', as: 'jane', last: 'dispatch', counted: 'GET  500' },
  { name: 'in process – a list', by: 'process', ask: `GET ${pods}`, user: 'jane', status: 200, as: 'jane', last: 'dispatch', counted: 'LIST pods 200' },
  { name: 'a connection – a bad token', by: 'upgrade', ask: `GET ${pods}/p/exec`, user: 'bad', status: 401, says: 'Unauthorized', as: '', last: 'authentication', counted: 'CONNECT pods/exec 401' },
  { name: 'a connection – who may not', by: 'upgrade', ask: `GET ${pods}/p/exec`, user: 'bob', status: 403, says: 'pods "p" is forbidden: User "bob" cannot get resource "pods/exec" in API group "" in the namespace "a"', as: 'bob', last: 'authorization', counted: 'CONNECT pods/exec 403' },
  { name: 'a connection – a watch that none could be', by: 'upgrade', ask: `GET ${pods}?watch=1&fieldSelector=spec.x%3D1`, user: 'jane', status: 400, says: 'field label not supported: spec.x', as: 'jane', last: 'dispatch', counted: 'WATCH pods 400' },
  { name: 'a connection – a handler that breaks', by: 'upgrade', ask: `GET ${pods}/p/attach`, user: 'jane', status: 500, says: 'Internal error occurred: the other end broke', as: 'jane', last: 'dispatch', counted: 'CONNECT pods/attach 500' },
  // Its work ends later, and is measured then: so the last.
  { name: 'an answer that comes too late', ask: `GET ${pods}?resourceVersion=99999&timeout=20ms`, user: 'jane', status: 504, says: late, as: 'jane', last: 'body', counted: 'LIST pods 504' },
];

for (const [i, exit] of exits.entries()) {
  test(`${exit.name} – ${exit.status} – counted and audited once, with its Audit-ID`, async () => {
    const id = `exit-${i}`;
    events.length = 0;
    const earlier = await readMetrics();
    const { status, headers, text } = await send(exit, id);
    const later = await readMetrics();
    const said = text.startsWith('{"kind":"Status"') ? JSON.parse(text).message : text;
    assert.deepEqual(
      {
        status,
        ...(exit.says === undefined ? {} : { says: said }),
        id: headers['audit-id'],
        cache: headers['cache-control'],
        audited: audited().filter((line) => line.startsWith(`${id} `)),
        counted: difference(earlier.requests, later.requests),
        last: difference(earlier.stages, later.stages).at(-1),
      },
      {
        status: exit.status,
        ...(exit.says === undefined ? {} : { says: exit.says }),
        id,
        cache: 'no-cache, private',
        audited: exit.as === undefined ? [] : [`${id} ${exit.status} ${exit.as}`],
        counted: [exit.counted],
        last: exit.last,
      },
    );
  });
}

test('a watch – from its begin to its end – is audited when it begins, and counted as open until it ends', async () => {
  events.length = 0;
  const [answer] = await open({ ask: `GET ${pods}?watch=1`, user: 'jane' }, 'watch');
  assert.deepEqual(audited(), ['watch 200 jane']);
  assert.deepEqual((await readMetrics()).open, ['WATCH pods']);
  answer.destroy();
  await eventually(server.env, 'the end', async () => (await readMetrics()).open.length === 0 || undefined);
});

test('a connection – that is switched – is audited with 101, and counted as open until it ends', async () => {
  const earlier = await readMetrics();
  events.length = 0;
  const outgoing = dial({ ask: `GET ${pods}/p/exec`, user: 'jane', by: 'upgrade' }, 'exec');
  const [, socket] = await once(outgoing, 'upgrade');
  await eventually(server.env, 'the record', () => audited().length > 0 || undefined);
  const later = await readMetrics();
  assert.equal(audited()[0], 'exec 101 jane');
  assert.deepEqual(difference(earlier.requests, later.requests), ['CONNECT pods/exec 101']);
  assert.deepEqual(later.open, ['CONNECT pods/exec']);
  socket.destroy();
  await eventually(server.env, 'the end', async () => (await readMetrics()).open.length === 0 || undefined);
});

test('a connection – that the other end refuses – is counted with the status that it answered', async () => {
  const earlier = await readMetrics();
  events.length = 0;
  const answer = await send({ ask: `GET ${pods}/p/portforward`, user: 'jane', by: 'upgrade' }, 'refused');
  const later = await readMetrics();
  assert.equal(answer.status, 404);
  assert.equal(audited()[0], 'refused 404 jane');
  assert.deepEqual(difference(earlier.requests, later.requests), ['CONNECT pods/portforward 404']);
});

test('requests in flight – all seats taken – 429 by the user that is impersonated; the seats come back', async (t) => {
  const sessions = [1, 2, 3].map(() => connect(`https://127.0.0.1:${port}`, { ca: pki.ca.certPem }));
  const end = () => sessions.forEach((session) => void session.destroy());
  t.after(end);
  const unsent = { ':method': 'POST', ':path': pods, authorization: 'Bearer jane' };
  for (let i = 0; i < serverSeats; i++) sessions[i % 3]!.request(unsent).on('error', () => {});
  const mutating = async () => (await readMetrics()).mutating;
  await eventually(server.env, 'the seats', async () => {
    if ((await mutating()) === serverSeats) return true;
    // A read of an earlier test may have taken such an exit.
    sessions[0]!.request(unsent).on('error', () => {});
    return undefined;
  });
  const json = { 'content-type': 'application/json' };
  const write = { ask: `POST ${pods}`, headers: json, body: '{"metadata":{"name":"p"}}' };
  const statusOf = async (user: string, as?: string) => {
    const headers = { ...json, ...(as ? { 'impersonate-user': as } : {}) };
    return (await send({ ...write, user, headers }, 'seat')).status;
  };
  assert.equal(await statusOf('jane'), 429);
  assert.equal(await statusOf('root'), 422);
  assert.equal(await statusOf('root', 'jane'), 429);
  const read = await send({ ask: `GET ${pods}`, user: 'jane' }, 'read');
  assert.deepEqual([read.status, read.text], [429, 'Too many requests, please try again later.\n']);
  assert.match(String(read.headers['retry-after']), /^\d+$/);
  end();
  await eventually(server.env, 'free seats', async () => (await mutating()) === 0 || undefined);
  assert.equal(await statusOf('jane'), 422);
});

type Asked = Pick<Exit, 'ask' | 'user' | 'headers' | 'body' | 'by'>;

function dial({ ask, user, headers, body, by }: Asked, id: string) {
  const [method = '', path = ''] = ask.split(' ');
  const outgoing = request({
    host: '127.0.0.1',
    port,
    method,
    path,
    ca: pki.ca.certPem,
    agent: false,
    headers: {
      'audit-id': id,
      ...(user ? { authorization: `Bearer ${user}` } : {}),
      ...(by === 'upgrade' ? { connection: 'Upgrade', upgrade: 'websocket' } : {}),
      ...headers,
    },
  });
  outgoing.on('error', () => {});
  if (headers?.['content-length']) outgoing.flushHeaders();
  else outgoing.end(body);
  return outgoing;
}

async function open(asked: Asked, id: string): Promise<[IncomingMessage]> {
  return (await once(dial(asked, id), 'response')) as [IncomingMessage];
}

async function send(asked: Asked, id: string) {
  const [method = '', path = ''] = asked.ask.split(' ');
  if (asked.by === 'process') {
    const user: UserInfo = { name: asked.user ?? '', groups: [] };
    const response = await server.server
      .transport(user)
      .request({ method, path, headers: { 'audit-id': id } });
    return { status: response.status, headers: response.headers, text: await bodyText(response) };
  }
  const [message] = await open(asked, id);
  let text = '';
  for await (const chunk of message) text += chunk;
  return { status: message.statusCode, headers: message.headers, text };
}

/** Without what reading them adds. */
async function readMetrics() {
  // Requests of one turn of the event loop get one text.
  await new Promise((resolve) => setImmediate(resolve));
  const text = await bodyText(
    await server.transport.request({ method: 'GET', path: '/metrics', headers: {} }),
  );
  const requests = new Map<string, number>();
  const stages = new Map<string, number>();
  const open: string[] = [];
  let mutating = 0;
  for (const line of text.split('\n')) {
    const [, name = '', labelText = '', value = ''] = /^(\w+)\{(.*)\} (\S+)$/.exec(line) ?? [];
    const labels = Object.fromEntries(
      [...labelText.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, text]) => [key, text]),
    );
    const what = labels['subresource']
      ? `${labels['resource']}/${labels['subresource']}`
      : labels['resource'];
    if (name === 'apiserver_request_total') {
      const key = `${labels['verb']} ${what} ${labels['code']}`;
      requests.set(key, (requests.get(key) ?? 0) + Number(value));
    }
    if (name === 'apiserver_longrunning_requests' && value !== '0') open.push(`${labels['verb']} ${what}`);
    if (name === 'apiserver_request_filter_duration_seconds_count') {
      stages.set(labels['filter']!, Number(value));
    }
    if (name.endsWith('inflight_requests') && labels['request_kind'] === 'mutating') mutating = Number(value);
  }
  return { requests, stages, open, mutating };
}

/** What has grown, but by the one reading that lies between them. */
function difference(earlier: ReadonlyMap<string, number>, later: ReadonlyMap<string, number>): string[] {
  const own = new Set([
    'GET  200',
    'request-info',
    'audit',
    'impersonation',
    'authorization',
    'body',
    'dispatch',
  ]);
  return [...later].flatMap(([key, count]) => {
    const grown = count - (earlier.get(key) ?? 0) - (own.has(key) ? 1 : 0);
    return Array.from({ length: grown }, () => key);
  });
}
