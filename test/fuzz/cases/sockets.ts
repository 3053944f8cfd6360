/** What only a socket can say: credentials, odd heads, slow and cut bodies, connections that change their protocol. */

import { bodyOf, objectOf } from '../bodies.ts';
import type { Chance } from '../chance.ts';
import { Connection } from '../connection.ts';
import { short } from '../oracles.ts';
import { headersOf, impersonationOf, pathOf, queryOf, resources, urlOf } from '../requests.ts';
import type { Target } from '../target.ts';
import type { Case } from './case.ts';

const jwt = ['e30', '{"alg":"none"}', '{"alg":"RS256","kid":"x"}'].map((head) =>
  [head, '{"iss":"https://kubernetes.default.svc.cluster.local","sub":"x"}', 'x']
    .map((part) => Buffer.from(part).toString('base64url'))
    .join('.'),
);
const credentials = [
  ...jwt.map((token) => `Bearer ${token}`),
  'Bearer',
  'Bearer ',
  'Bearer  x',
  'bearer x.y.z',
  'Basic YTpi',
  `Bearer ${'x'.repeat(8000)}`,
  'Negotiate x',
];

const idle = new WeakMap<Target, Connection[]>();

/** Kept alive by the case before, where it was. */
async function borrow(target: Target): Promise<Connection> {
  const free = idle.get(target) ?? [];
  idle.set(target, free);
  for (let connection = free.pop(); connection; connection = free.pop()) {
    if (!connection.isClosed) return connection;
  }
  return Connection.open(target.server);
}

async function exchange(
  run: Case,
  connection: Connection,
  method: string,
  pieces: readonly (Uint8Array | string)[],
): Promise<number> {
  const what = () => short(pieces.map((piece) => Buffer.from(piece).toString('latin1')).join(''));
  const { status } = await run.target.judged(run.number, what, async (signal) => {
    for (const [index, piece] of pieces.entries()) {
      if (index > 0) await new Promise((resolve) => setImmediate(resolve));
      connection.write(piece);
    }
    return connection.answer(method, signal);
  });
  return status;
}

const methods = ['GET', 'GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'PROPFIND', 'TRACE'];

/** Upstream answers some of these with a 500, which the message of its GET explains. */
const oldWatch = /\/watch(?:\/|\?|$)/;

/** Requests that end as HTTP says, so that the connection lives on. */
export async function wholeCase(run: Case): Promise<void> {
  const { chance, target } = run;
  const connection = await borrow(target);
  const method = chance.pick(methods);
  const def = chance.pick(resources);
  const path = (chance.happens(0.5) ? urlOf(def) : pathOf(chance)) + queryOf(chance, undefined, 'dryRun=All');
  const lines = linesOf(chance);
  const hasBody = method !== 'GET' && method !== 'HEAD' && chance.happens(0.7);
  const body = hasBody ? bodyOf(chance, objectOf(chance, def, run.name), def) : undefined;
  if (body) lines.push(`content-type: ${body.type}`);
  const pieces = framed(chance, method, path, lines, body?.bytes);
  const status =
    method === 'HEAD' && oldWatch.test(path)
      ? await exchange(run, connection, 'GET', [String(pieces[0]).replace('HEAD', 'GET')])
      : await exchange(run, connection, method, pieces);
  if (status > 0 && !connection.isClosed) idle.get(target)!.push(connection);
}

function linesOf(chance: Chance): string[] {
  const headers = headersOf(chance);
  if (chance.happens(0.5)) headers['authorization'] = chance.pick(credentials);
  if (chance.happens(0.2)) Object.assign(headers, impersonationOf(chance));
  const lines = Object.entries(headers).map(
    ([name, value]) => `${name.replaceAll(/[^\w%-]/g, '-')}: ${value}`,
  );
  if (chance.happens(0.05)) lines.push(`x-long: ${'y'.repeat(chance.pick([100, 10_000, 70_000, 300_000]))}`);
  if (chance.happens(0.02)) lines.push(...Array.from({ length: 2100 }, (_, index) => `x-${index}: y`));
  if (chance.happens(0.05)) {
    lines.push('x-forwarded-for: 1.2.3.4, x', 'x-remote-user: admin', 'x-remote-group: system:masters');
  }
  if (chance.happens(0.05)) lines.push('expect: 100-continue');
  if (chance.happens(0.02)) lines.push('connection: close');
  return lines;
}

function framed(
  chance: Chance,
  method: string,
  path: string,
  lines: readonly string[],
  body: Uint8Array | undefined,
): (Uint8Array | string)[] {
  const target = path.replaceAll(/[^!-~]/g, '%20');
  const start = [`${method} ${target} HTTP/1.1`, 'host: 127.0.0.1', ...lines];
  if (!body) return [`${start.join('\r\n')}\r\n\r\n`];
  if (chance.happens(0.3)) {
    const half = body.length >> 1;
    const parts = [body.subarray(0, half), body.subarray(half)].filter(({ length }) => length > 0);
    const chunks = parts.flatMap((part) => [`${part.length.toString(16)}\r\n`, part, '\r\n']);
    return [`${[...start, 'transfer-encoding: chunked'].join('\r\n')}\r\n\r\n`, ...chunks, '0\r\n\r\n'];
  }
  const head = `${[...start, `content-length: ${body.length}`].join('\r\n')}\r\n\r\n`;
  // Slowly: a piece a turn.
  const cuts = chance.happens(0.2) ? 5 : 1;
  const size = Math.max(1, Math.ceil(body.length / cuts));
  const pieces = Array.from({ length: Math.ceil(body.length / size) }, (_, i) =>
    body.subarray(i * size, (i + 1) * size),
  );
  return [head, ...pieces];
}

const brokenHeads = [
  'GET / HTTP/1.1\r\n\r\n',
  'GET / HTTP/9.9\r\nhost: x\r\n\r\n',
  'GET  / HTTP/1.1\r\nhost: x\r\n\r\n',
  'GET /\u0000 HTTP/1.1\r\nhost: x\r\n\r\n',
  'GET /api HTTP/1.1\r\nhost: x\r\nhost: y\r\n\r\n',
  'POST /api/v1/namespaces HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n',
  'POST /api/v1/namespaces HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello',
  'POST /api/v1/namespaces HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
  'POST /api/v1/namespaces HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n',
  'POST /api/v1/namespaces HTTP/1.1\r\nhost: x\r\ntransfer-encoding: gzip\r\n\r\n',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'CONNECT 127.0.0.1:1 HTTP/1.1\r\nhost: x\r\n\r\n',
  'GET http://127.0.0.1/api HTTP/1.1\r\nhost: x\r\n\r\n',
  'GET /api HTTP/1.0\r\n\r\n',
  '\u0016\u0003\u0001\r\n\r\n',
  ': x\r\n\r\n',
];

/** Heads that are no HTTP, and bodies that never come to their end. */
export async function brokenCase(run: Case): Promise<void> {
  const { chance, target } = run;
  const connection = await Connection.open(target.server);
  if (chance.happens(0.5)) {
    await exchange(run, connection, 'GET', [
      `${chance.pick(brokenHeads)}GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`,
    ]);
    return connection.close();
  }
  const def = chance.pick(resources);
  const body = bodyOf(chance, objectOf(chance, def, run.name), def);
  const url = `${urlOf(def)}?dryRun=All`;
  const pieces = framed(chance, 'POST', url, [...linesOf(chance), `content-type: ${body.type}`], body.bytes);
  const whole = Buffer.concat(pieces.map((piece) => Buffer.from(piece)));
  target.requests++;
  connection.write(whole.subarray(0, chance.below(whole.length)));
  for (let turns = chance.below(5); turns > 0; turns--) await new Promise((resolve) => setImmediate(resolve));
  connection.close();
}

const protocols = ['SPDY/3.1', 'websocket', 'h2c', 'x', 'websocket, SPDY/3.1', ''];

/** Connections that ask to change their protocol, with keys and versions of WebSocket that are wrong too. */
export async function upgradeCase(run: Case): Promise<void> {
  const { chance, target } = run;
  const connection = await Connection.open(target.server);
  const subresource = chance.pick(['exec', 'attach', 'portforward', 'proxy', 'log', 'status']);
  const path = chance.pick([
    `/api/v1/namespaces/fuzz/pods/nope/${subresource}`,
    '/api/v1/namespaces/fuzz/configmaps',
    '/api/v1/namespaces/fuzz/services/nope/proxy/x',
    pathOf(chance),
  ]);
  const query = queryOf(chance, undefined, chance.pick(['watch=1', 'command=ls', 'ports=80']));
  const lines = [
    'connection: Upgrade',
    `upgrade: ${chance.pick(protocols)}`,
    `sec-websocket-key: ${chance.pick(['dGhlIHNhbXBsZSBub25jZQ==', 'x', ''])}`,
    `sec-websocket-version: ${chance.pick(['13', '8', 'x'])}`,
    ...(chance.happens(0.5)
      ? [`sec-websocket-protocol: ${chance.pick(['v5.channel.k8s.io', 'x', ',', 'base64.binary.k8s.io'])}`]
      : []),
    ...(chance.happens(0.5) ? [`x-stream-protocol-version: ${chance.pick(['v4.channel.k8s.io', 'x'])}`] : []),
    ...linesOf(chance),
  ];
  const method = chance.pick(['GET', 'GET', 'POST', 'PUT']);
  const noise = Buffer.from(Array.from({ length: chance.below(40) }, () => chance.below(256)));
  const status = await exchange(run, connection, method, [
    ...framed(chance, method, path + query, lines, undefined),
  ]);
  if (status === 101) connection.write(noise);
  connection.close();
}
