import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { after, before, test } from 'node:test';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import type { Runtime } from '#kubelet/runtime.ts';
import { criRuntime } from './cri-runtime.ts';

const minuteMs = 60_000;
const server = new Server();
let dir: string;
let runtime: Runtime;
/** What the caller of the last call of each method was ready to wait, in whole minutes. */
const minutesOf = new Map<string, number>();

before(async () => {
  dir = await mkdtemp(`${tmpdir()}/cri-`);
  for (const path of ['RuntimeService/StopContainer', 'RuntimeService/ExecSync']) answerEmpty(path);
  for (const path of ['ImageService/PullImage', 'ImageService/ListImages']) answerEmpty(path);
  const address = `unix://${dir}/cri.sock`;
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error) =>
      error ? reject(error) : resolve(),
    );
  });
  runtime = criRuntime(`${dir}/cri.sock`);
});

after(async () => {
  runtime?.close();
  server.forceShutdown();
  await rm(dir, { recursive: true });
});

/** Every message may be empty. */
function answerEmpty(path: string): void {
  const same = (bytes: Buffer) => bytes;
  server.register<Buffer, Buffer>(
    `/runtime.v1.${path}`,
    (call: { getDeadline(): Date | number }, done: (error: null, answer: Buffer) => void) => {
      const leftMs = Number(call.getDeadline()) - Date.now();
      minutesOf.set(path.split('/')[1]!, Math.round(leftMs / minuteMs));
      done(null, Buffer.alloc(0));
    },
    same,
    same,
    'unary',
  );
}

test('no call waits for ever but pulls and hooks, whose end others look after', async () => {
  await runtime.listImages();
  await runtime.pullImage('web:1');
  await runtime.stopContainer('c', 60);
  await runtime.execSync('c', ['true'], 60);
  assert.equal(minutesOf.get('ListImages'), 2);
  assert.equal(minutesOf.get('PullImage'), Number.POSITIVE_INFINITY);
  assert.equal(minutesOf.get('StopContainer'), 3);
  assert.equal(minutesOf.get('ExecSync'), 3);
  await runtime.execSync('c', ['true'], 0);
  assert.equal(minutesOf.get('ExecSync'), Number.POSITIVE_INFINITY);
});
