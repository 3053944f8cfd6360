import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { after, before, test } from 'node:test';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { type Runtime, RuntimeError } from '../runtime/runtime.ts';
import type { SandboxConfig } from '../runtime/runtime-config.ts';
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
  server.register('/runtime.v1.RuntimeService/RunPodSandbox', hang, same, same, 'unary');
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

const same = (bytes: Buffer) => bytes;
const asked = Promise.withResolvers<void>();
const cancelled = Promise.withResolvers<void>();

/** Never answers, but notices that the call was cancelled. */
function hang(call: { on(event: 'cancelled', listener: () => void): void }): void {
  call.on('cancelled', cancelled.resolve);
  asked.resolve();
}

/** Every message may be empty. */
function answerEmpty(path: string): void {
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

test('a call of the runtime – other than pulls and hooks – has a deadline', async () => {
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

test('a call of the runtime – aborted by the kubelet – is cancelled on both sides', async () => {
  const wanted = new AbortController();
  const making = runtime.runPodSandbox({} as SandboxConfig, '', wanted.signal);
  await asked.promise;
  wanted.abort();
  const expected = new RuntimeError('Canceled', 'context canceled');
  await assert.rejects(making, expected);
  await cancelled.promise;
  await assert.rejects(runtime.runPodSandbox({} as SandboxConfig, '', wanted.signal), wanted.signal.reason);
});
