/** What a client gets from the proxy by Ingresses: a real HAProxy, its endpoints servers of this process. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Ingress } from '#api/generated/types.gen.ts';
import { silentLog } from '#base/log.ts';
import { Haproxy, haproxySocket } from '#host/haproxy/haproxy.ts';
import { systemEnv } from '#host/system-env.ts';
import { ingressModel } from '#ingress/ingresses/ingress-model.ts';
import { issueAuthority } from '#pki/certificate.ts';
import { ingressOf, routeView, serviceWithEndpoints } from '#testing/objects/ingress-view.ts';
import { ProxyWriter } from './proxy-writer.ts';

const dir = mkdtempSync(join(tmpdir(), 'kybern-ingress-'));
const places = { dataDir: join(dir, 'data'), runDir: dir };
const haproxy = new Haproxy({ env: systemEnv(silentLog), ...places });
const writer = new ProxyWriter({ program: haproxy, socket: haproxySocket(places), cookieKey: 'key' });
const address = '127.0.0.1';
const pair = issueAuthority({
  commonName: 'default',
  serial: new Uint8Array([1]),
  notBeforeMs: Date.UTC(2026, 0),
  notAfterMs: Date.UTC(2046, 0),
  usages: [],
});
const endpoints: Record<string, number> = {};
const servers = ['web', 'api', 'next'].map((name) =>
  createServer((incoming, answer) => {
    incoming.resume();
    incoming.on('end', () =>
      answer.end(JSON.stringify({ name, url: incoming.url, headers: incoming.headers })),
    );
  }),
);
let plainPort = 0;
let tlsPort = 0;

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Of the endpoint, with the path it was asked for. */
  readonly from: string;
  readonly sent: IncomingHttpHeaders;
}

function ask(
  host: string,
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: address, port: plainPort, path, method, headers: { host, ...headers }, agent: false },
      (got) => {
        let body = '';
        got.setEncoding('utf8');
        got.on('data', (chunk: string) => (body += chunk));
        got.on('end', () => {
          const answered = body.startsWith('{') ? JSON.parse(body) : { name: '', url: '', headers: {} };
          const from = `${answered.name}${answered.url}`;
          resolve({ status: got.statusCode ?? 0, headers: got.headers, from, sent: answered.headers });
        });
      },
    );
    sent.on('error', reject);
    sent.end();
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Serves these Ingresses; returns what was rejected. */
async function serve(...ingresses: Ingress[]): Promise<string[]> {
  const known = Object.entries(endpoints).map(([name, port]) => serviceWithEndpoints(name, [address], port));
  const empty = serviceWithEndpoints('empty', []);
  const objects = [...known, empty];
  const view = routeView({
    ingresses,
    services: objects.map(({ service }) => service),
    slices: objects.map(({ slice }) => slice),
    secrets: [
      {
        metadata: { name: 'users', namespace: 'default' },
        data: { auth: btoa('bob:$1$ab$dslkcXxVH.x8LwW1W/oAB/\n') },
      },
      ...['$apr1$ab$dslkcXxVH.x8LwW1W/oAB/', '{SHA}5en6G6MezRroT3XKqkdPOmY/BfQ='].map((hash, index) => ({
        metadata: { name: `apache-${index}`, namespace: 'default' },
        data: { auth: btoa(`bob:${hash}\n`) },
      })),
    ],
  });
  const entrance = { address, plainPort, tlsPort, certificate: pair.keyPem + pair.certPem, cookieKey: 'key' };
  const model = ingressModel(view, entrance);
  const rejections = await writer.write(model);
  return [
    ...model.reports.flatMap(({ refused }) => (refused === undefined ? [] : [refused])),
    ...rejections.map(({ owner }) => `haproxy: ${owner.metadata?.name}`),
  ];
}

before(async () => {
  for (const [index, name] of ['web', 'api', 'next'].entries()) {
    const server = servers[index]!;
    await new Promise<void>((resolve) => server.listen(0, address, resolve));
    endpoints[name] = (server.address() as AddressInfo).port;
  }
  plainPort = await freePort();
  tlsPort = await freePort();
});

after(async () => {
  await haproxy.stop();
  for (const server of servers) {
    server.close();
    server.closeAllConnections();
  }
  rmSync(dir, { recursive: true });
});

test('hosts and paths – exact, wildcard, by element – lead to their Services', async () => {
  await serve(
    ingressOf('one', {
      'example.com': { '/': 'web', '/api': 'api', '/api/v2': 'next' },
      '*.example.com': { '/': 'api' },
    }),
    ingressOf('exact', { 'example.com': { '/api': 'web' } }, {}, 'Exact'),
  );
  const rows: [string, string, number, string][] = [
    ['example.com', '/', 200, 'web/'],
    ['EXAMPLE.com:8080', '/x', 200, 'web/x'],
    ['example.com', '/api', 200, 'web/api'],
    ['example.com', '/api/', 200, 'api/api/'],
    ['example.com', '/apix', 200, 'web/apix'],
    ['example.com', '/api/v2?a=b', 200, 'next/api/v2?a=b'],
    ['a.example.com', '/', 200, 'api/'],
    ['a.b.example.com', '/', 404, ''],
    ['other.com', '/', 404, ''],
  ];
  for (const [host, path, status, from] of rows) {
    const answer = await ask(host, path);
    assert.deepEqual([host, path, answer.status, answer.from], [host, path, status, from]);
  }
});

test('a request – claims to come from elsewhere – is forwarded with what the proxy has seen', async () => {
  await serve(ingressOf('one', { 'example.com': { '/': 'web' } }));
  const { sent } = await ask('example.com', '/', {
    'x-forwarded-for': '6.6.6.6',
    'x-forwarded-proto': 'https',
  });
  const {
    'x-forwarded-for': from,
    'x-forwarded-proto': scheme,
    'x-forwarded-host': host,
    'x-real-ip': real,
  } = sent;
  assert.deepEqual(
    { from, scheme, host, real },
    { from: address, scheme: 'http', host: 'example.com', real: address },
  );
});

test('a Service – without endpoints – answers 503', async () => {
  await serve(ingressOf('one', { 'example.com': { '/': 'empty' } }));
  assert.equal((await ask('example.com', '/')).status, 503);
});

test('rewrite-target – with captures – changes the path that the endpoint sees', async () => {
  const annotations = { 'rewrite-target': '/new/$2' };
  await serve(
    ingressOf('one', { 'example.com': { '/old(/|$)(.*)': 'web' } }, annotations, 'ImplementationSpecific'),
  );
  assert.deepEqual((await ask('example.com', '/old/a/b?c=d')).from, 'web/new/a/b?c=d');
  assert.deepEqual((await ask('example.com', '/OLD')).from, 'web/new/');
  assert.deepEqual((await ask('example.com', '/older')).status, 404);
});

test('redirects, sizes, sources and users – of annotations – answer as the most used controller', async () => {
  const annotated = (name: string, annotations: Record<string, string>) =>
    ingressOf(name, { [`${name}.com`]: { '/': 'web' } }, annotations);
  const refused = await serve(
    annotated('tls', { 'force-ssl-redirect': 'true' }),
    annotated('moved', { 'permanent-redirect': 'https://new.com/%[src]?a=b' }),
    annotated('small', { 'proxy-body-size': '1k' }),
    annotated('inside', { 'whitelist-source-range': '10.0.0.0/8' }),
    annotated('users', { 'auth-type': 'basic', 'auth-secret': 'users', 'auth-realm': 'say "who" %[src]' }),
    annotated('slow', { 'limit-rps': '1', 'limit-burst-multiplier': '2' }),
  );
  assert.deepEqual(refused, []);
  const tls = await ask('tls.com', '/a?b=c');
  assert.deepEqual([tls.status, tls.headers.location], [308, `https://tls.com:${tlsPort}/a?b=c`]);
  const moved = await ask('moved.com', '/');
  assert.deepEqual([moved.status, moved.headers.location], [301, 'https://new.com/%[src]?a=b']);
  assert.equal((await ask('small.com', '/', { 'content-length': '2000' }, 'POST')).status, 413);
  assert.equal((await ask('inside.com', '/')).status, 403);
  const asked = await ask('users.com', '/');
  assert.deepEqual(
    [asked.status, asked.headers['www-authenticate']],
    [401, `Basic realm="say 'who' %[src]"`],
  );
  const bob = { authorization: `Basic ${btoa('bob:secret')}` };
  assert.deepEqual([(await ask('users.com', '/', bob)).status], [200]);
  const statuses = [];
  for (let count = 0; count < 4; count++) statuses.push((await ask('slow.com', '/')).status);
  assert.deepEqual(statuses, [200, 200, 429, 429]);
});

test('users – with hashes that only Apache verifies – are refused, with the forms that are possible', async () => {
  const annotated = (secret: string) =>
    ingressOf(secret, { [`${secret}.com`]: { '/': 'web' } }, { 'auth-type': 'basic', 'auth-secret': secret });
  const refused = await serve(annotated('apache-0'), annotated('apache-1'));
  assert.equal(refused.length, 2);
  for (const message of refused) {
    assert.match(message, /a password of bob in a form that cannot be verified; possible: bcrypt/);
  }
  assert.equal((await ask('apache-0.com', '/')).status, 404);
});

test('a canary – by header, cookie and weight – gets exactly its share', async () => {
  const canary = {
    canary: 'true',
    'canary-by-header': 'X-Canary',
    'canary-by-cookie': 'canary',
    'canary-weight': '10',
  };
  await serve(
    ingressOf('main', { 'example.com': { '/': 'web' } }),
    ingressOf('next', { 'example.com': { '/': 'next' } }, canary),
  );
  const name = async (headers: Record<string, string>) => (await ask('example.com', '/', headers)).from;
  assert.deepEqual(await name({ 'x-canary': 'always' }), 'next/');
  assert.deepEqual(await name({ cookie: 'canary=always' }), 'next/');
  const never = [];
  for (let count = 0; count < 30; count++) {
    never.push(await name({ 'x-canary': 'never', cookie: 'canary=always' }));
  }
  assert.deepEqual([...new Set(never)], ['web/']);
  let share = 0;
  for (let count = 0; count < 200; count++) if ((await name({})) === 'next/') share++;
  assert.equal(share, 20);
});

test('a canary – of another namespace – gets nothing', async () => {
  const all = { canary: 'true', 'canary-weight': '100' };
  const thief = ingressOf('thief', { 'example.com': { '/': 'next' } }, all);
  thief.metadata!.namespace = 'other';
  await serve(ingressOf('web', { 'example.com': { '/': 'web' } }), thief);
  assert.equal((await ask('example.com', '/')).from, 'web/');
});

test('an affinity cookie – sent back – leads to the same endpoint', async () => {
  await serve(
    ingressOf('one', { 'example.com': { '/': 'web' } }, { affinity: 'cookie', 'session-cookie-name': 'at' }),
  );
  const [cookie = ''] = (await ask('example.com', '/')).headers['set-cookie'] ?? [];
  assert.match(cookie, /^at=[0-9a-f]{16}; path=\/; HttpOnly$/);
  assert.equal(
    (await ask('example.com', '/', { cookie: cookie.split(';')[0]! })).headers['set-cookie'],
    undefined,
  );
});

test('texts of users – that look like configuration – change nothing', async () => {
  const evil = 'x"\r\n  http-request deny\n\'}; $HOME %[src] \\';
  const refused = await serve(
    ingressOf('good', { 'example.com': { '/': 'web' } }),
    ingressOf(
      'vhost',
      { 'evil.com': { '/': 'web' } },
      { 'upstream-vhost': evil, 'x-forwarded-prefix': evil },
    ),
    ingressOf(
      'path',
      { 'evil.com': { [`/p${evil}`]: 'web' } },
      { 'use-regex': 'true' },
      'ImplementationSpecific',
    ),
    ingressOf('snippet', { 'example.com': { '/s': 'web' } }, { 'configuration-snippet': 'return 200;' }),
  );
  assert.deepEqual(refused, [
    'annotation nginx.ingress.kubernetes.io/configuration-snippet is not supported',
  ]);
  assert.equal((await ask('example.com', '/')).from, 'web/');
  const { host, 'x-forwarded-prefix': prefix } = (await ask('evil.com', '/')).sent;
  const literal = evil.replace(/[\r\n]+/g, (end) => ' '.repeat(end.length)).trim();
  assert.deepEqual([host, prefix], [literal, literal]);
});

test('an expression – with alternatives, or that ends a group of its own – matches its own host alone', async () => {
  const regex = { 'use-regex': 'true' };
  await serve(
    ingressOf('good', { 'shop.com': { '/login': 'web' } }, regex, 'ImplementationSpecific'),
    ingressOf('or', { 'evil.com': { '/x|.*loginxxxxxxxxxxxx|.*': 'api' } }, regex, 'ImplementationSpecific'),
    ingressOf('ends', { 'evil.com': { '/x)|(.*': 'api' } }, regex, 'ImplementationSpecific'),
  );
  assert.equal((await ask('shop.com', '/login')).from, 'web/login');
  assert.equal((await ask('shop.com', '/other')).status, 404);
});

test('an expression that HAProxy cannot read – of one Ingress – leaves the others served', async () => {
  const refused = await serve(
    ingressOf('good', { 'example.com': { '/': 'web' } }),
    ingressOf(
      'bad',
      { 'bad.com': { '/[[:no:]]': 'web' } },
      { 'rewrite-target': '/$1' },
      'ImplementationSpecific',
    ),
  );
  assert.equal(refused.length, 1);
  assert.equal((await ask('example.com', '/')).from, 'web/');
  assert.equal((await ask('bad.com', '/a')).status, 404);
});
