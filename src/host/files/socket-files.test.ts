import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { type TestContext, test } from 'node:test';
import { findSockets, watchFolder } from './socket-files.ts';

async function makeFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp('/tmp/kybern-sockets-');
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

async function listen(t: TestContext, path: string): Promise<Server> {
  const server = createServer().listen(path);
  t.after(() => server.close());
  await once(server, 'listening');
  return server;
}

test('find – sockets, files and hidden names, in a subfolder too – the sockets', async (t) => {
  const folder = await makeFolder(t);
  await mkdir(`${folder}/sub`);
  await writeFile(`${folder}/file`, '');
  await listen(t, `${folder}/a.sock`);
  await listen(t, `${folder}/.hidden.sock`);
  await listen(t, `${folder}/sub/b.sock`);
  const paths = (await findSockets(folder)).map(({ path }) => path);
  assert.deepEqual(paths.sort(), [`${folder}/a.sock`, `${folder}/sub/b.sock`]);
});

test('find – a socket made again – another identity', async (t) => {
  const folder = await makeFolder(t);
  const server = await listen(t, `${folder}/a.sock`);
  const [before] = await findSockets(folder);
  server.close();
  await once(server, 'close');
  await listen(t, `${folder}/a.sock`);
  const [after] = await findSockets(folder);
  assert.notEqual(after?.identity, before?.identity);
});

test('find – a missing folder – none', async () => {
  assert.deepEqual(await findSockets('/tmp/kybern-no-such-folder'), []);
});

test('watch – a new subfolder, then a new socket – reported', async (t) => {
  const folder = await makeFolder(t);
  let news = Promise.withResolvers<void>();
  t.after(watchFolder(folder, () => news.resolve()));
  await mkdir(`${folder}/sub`);
  await news.promise;
  news = Promise.withResolvers();
  await listen(t, `${folder}/a.sock`);
  await news.promise;
});
