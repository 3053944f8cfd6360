import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { readRequestTarget } from '#base/net/request-target.ts';
import type { Refusal } from './refusal.ts';
import { dispatch, type Route } from './routes.ts';
import { sendSystemLog } from './system-logs.ts';

const skip = process.platform === 'linux' ? false : 'needs Linux';

function logFolder(t: TestContext): string {
  const dir = mkdtempSync(`${tmpdir()}/kybern-logs-`);
  t.after(() => rmSync(dir, { recursive: true }));
  for (const name of ['log/pods', 'log/indexed', 'outside']) mkdirSync(`${dir}/${name}`, { recursive: true });
  writeFileSync(`${dir}/log/syslog`, 'one\ntwo\n');
  writeFileSync(`${dir}/log/empty`, '');
  writeFileSync(`${dir}/log/old.gz`, gzipSync('old'));
  writeFileSync(`${dir}/log/wtmp`, Buffer.from([7, 0, 0, 0]));
  writeFileSync(`${dir}/log/a:b <c>?#`, 'odd');
  writeFileSync(`${dir}/log/pods/0.json`, '{}');
  writeFileSync(`${dir}/log/indexed/index.html`, '<p>index');
  writeFileSync(`${dir}/outside/secret`, 'secret');
  symlinkSync('pods/0.json', `${dir}/log/inside`);
  symlinkSync(`${dir}/outside/secret`, `${dir}/log/leak`);
  symlinkSync('../outside', `${dir}/log/leaks`);
  return `${dir}/log`;
}

async function start(t: TestContext, folder: string | undefined) {
  const route: Route = {
    path: '/logs/{path:*}',
    methods: ['GET'],
    answer: (call) => sendSystemLog(folder, call),
  };
  const server = createServer((asked, response) => {
    const target = readRequestTarget(asked.url!)!;
    dispatch([route], asked.method!, { nodes: [], target, response }).catch((error: Refusal) =>
      response.writeHead(error.code ?? 500).end(error.message),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return async (path: string, method = 'GET') => {
    const sent = request({ host: '127.0.0.1', port, path, method, agent: false }).end();
    const [answer] = await once(sent, 'response');
    const text = Buffer.concat(await answer.toArray()).toString('latin1');
    return { code: answer.statusCode, type: answer.headers['content-type'], headers: answer.headers, text };
  };
}

test('/logs/ – a directory – lists it as Go does', { skip }, async (t) => {
  const get = await start(t, logFolder(t));
  const { code, type, text, headers } = await get('/logs/');
  assert.deepEqual({ code, type }, { code: 200, type: 'text/html; charset=utf-8' });
  assert.ok(headers['last-modified']);
  const lines = [
    'a:b <c>?#',
    'empty',
    'indexed/',
    'inside',
    'leak',
    'leaks',
    'old.gz',
    'pods/',
    'syslog',
    'wtmp',
  ].map((name) =>
    name === 'a:b <c>?#'
      ? '<a href="./a:b%20%3Cc%3E%3F%23">a:b &lt;c&gt;?#</a>'
      : `<a href="${name}">${name}</a>`,
  );
  const head = '<!doctype html>\n<meta name="viewport" content="width=device-width">\n<pre>\n';
  assert.equal(text, `${head}${lines.join('\n')}\n</pre>\n`);
});

test('/logs/ – a file – with the type of its name or of its bytes', { skip }, async (t) => {
  const get = await start(t, logFolder(t));
  const plain = 'text/plain; charset=utf-8';
  for (const [path, type, text] of [
    ['syslog', plain, 'one\ntwo\n'],
    ['empty', plain, ''],
    ['a:b%20%3Cc%3E%3F%23', plain, 'odd'],
    ['pods/0.json', 'application/json', '{}'],
    ['inside', plain, '{}'],
    ['wtmp', 'application/octet-stream', '\x07\0\0\0'],
    ['indexed/', 'text/html; charset=utf-8', '<p>index'],
  ] as const) {
    await t.test(path, async () => {
      const answer = await get(`/logs/${path}`);
      assert.deepEqual([answer.code, answer.type, answer.text], [200, type, text], path);
    });
  }
  assert.equal((await get('/logs/old.gz')).type, 'application/x-gzip');
});

for (const [path, to] of [
  ['pods', 'pods/'],
  ['pods?x=1', 'pods/?x=1'],
  ['syslog/', '../syslog'],
  ['indexed/index.html', './'],
  ['index.html', './'],
] as const) {
  test(`/logs/${path} – goes to ${to}`, { skip }, async (t) => {
    const get = await start(t, logFolder(t));
    const { code, headers } = await get(`/logs/${path}`);
    assert.deepEqual({ code, to: headers.location }, { code: 301, to });
  });
}

for (const [path, code] of [
  ['/logs', 404],
  ['/logs/none', 404],
  ['/logs/syslog/none', 404],
  ['/logs/leak', 403],
  ['/logs/leaks', 403],
  ['/logs/leaks/secret', 403],
] as const) {
  test(`${path} – ${code}, and nothing of what is outside`, { skip }, async (t) => {
    const get = await start(t, logFolder(t));
    const answer = await get(path);
    assert.equal(answer.code, code);
    assert.doesNotMatch(answer.text, /secret/);
  });
}

test('/logs/ – another method, or a node that is no machine – 405', async (t) => {
  assert.equal((await (await start(t, '/nowhere'))('/logs/', 'POST')).code, 405);
  const { code, text } = await (await start(t, undefined))('/logs/');
  assert.deepEqual({ code, text }, { code: 405, text: 'logs endpoint is disabled.\n' });
});
