import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { test } from 'node:test';
import { reachableSocket } from './reachable-socket.ts';

test('socket – a short path – the path itself', async () => {
  assert.equal((await reachableSocket('/run/csi.sock')).path, '/run/csi.sock');
});

test('socket – a path of more than 107 bytes – can be connected to', async (t) => {
  const root = await mkdtemp('/tmp/kybern-socket-');
  t.after(() => rm(root, { recursive: true }));
  const folder = `${root}/${'long'.repeat(30)}`;
  await mkdir(folder);
  await symlink(folder, `${root}/s`);
  const server = createServer((socket) => socket.end('hello'));
  t.after(() => server.close());
  await once(server.listen(`${root}/s/csi.sock`), 'listening');

  const socket = await reachableSocket(`${folder}/csi.sock`);
  const connection = connect(socket.path);
  const [bytes] = await once(connection, 'data');
  assert.equal(String(bytes), 'hello');
  connection.destroy();
  await socket.release();
});

test('socket – a long path, its folder missing – an error', async () => {
  await assert.rejects(reachableSocket(`/tmp/${'missing'.repeat(20)}/csi.sock`), { code: 'ENOENT' });
});
