/** The start behind `kybern up`, with a program that does what each test says in the place of the cluster's. */

import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { clusterPaths, readState } from '#host/home/cluster-home.ts';
import { isAlive } from '#host/processes/processes.ts';
import { systemEnv } from '#host/system-env.ts';
import { ownHome } from '#testing/cli/own-home.ts';
import { eventually } from '#testing/client-suite.ts';
import { type Start, startInBackground } from './background.ts';

const supervise = new URL('../../../../bin/supervise', import.meta.url).pathname;

/** `body`: what the program does, as JavaScript. It notes its words in `words` and can `send` steps. */
function start(t: TestContext, body: string, more: Partial<Start> = {}) {
  const home = ownHome(t);
  for (const folder of ['app/bin', 'app/src']) mkdirSync(`${home}/${folder}`, { recursive: true });
  copyFileSync(supervise, `${home}/app/bin/supervise`);
  const program = `${home}/app/src/main.mjs`;
  writeFileSync(
    program,
    `import { writeFileSync } from 'node:fs';
    const send = (message) => new Promise((resolve) => process.send(message, resolve));
    writeFileSync('${home}/words', process.argv.slice(2).join(' '));
    process.once('disconnect', () => process.exit(0));
    console.error('the program has begun');
    ${body}`,
  );
  const paths = clusterPaths('one');
  mkdirSync(paths.dir, { recursive: true });
  const warned: string[] = [];
  const context = {
    program,
    runCluster: () => Promise.reject(new Error('not in this process')),
    runAgent: () => Promise.reject(new Error('not in this process')),
    output: new PassThrough(),
    print() {},
    warn: (text: string) => void warned.push(text),
  };
  const starting = startInBackground({
    flags: { name: 'one', acceptLoss: false },
    paths,
    context,
    isNew: true,
    ...more,
  });
  return { home, paths, warned, starting, words: () => readFileSync(`${home}/words`, 'utf8') };
}

const failedLog = (home: string) => `${home}/one-failed.log`;
const fail = (failure: object) =>
  `await send(${JSON.stringify({ type: 'failed', ...failure })}); process.exit(1);`;

test('a start – that becomes ready – is recorded as starting from its first moment, and passes warnings on', async (t) => {
  const body = `await send({ type: 'warning', text: 'slow disk' }); await send({ type: 'ready' });`;
  const { paths, warned, starting, words } = start(t, body);
  const state = readState(paths);
  assert.equal(state?.ready ?? false, false);
  assert.ok(isAlive(state!.process));
  await starting;
  assert.deepEqual(warned, ['slow disk']);
  assert.equal(words(), 'up --foreground --prepared --name one');
});

test('a start – with a loss accepted – says so to the process', async (t) => {
  const flags = { name: 'one', acceptLoss: true };
  const { starting, words } = start(t, `await send({ type: 'ready' });`, { flags });
  await starting;
  assert.equal(words(), 'up --foreground --prepared --name one --accept-loss');
});

test('a start – that fails with a hint – is a problem with it, and its process has ended', async (t) => {
  const { paths, starting } = start(t, fail({ message: 'no room', hint: 'make some' }));
  const { process } = readState(paths)!;
  await assert.rejects(starting, { message: 'no room', hint: 'make some' });
  assert.equal(isAlive(process), false);
});

test('a first start – that fails without a hint – keeps its log elsewhere, and names it', async (t) => {
  const { home, starting } = start(t, fail({ message: 'no room' }));
  await assert.rejects(starting, { message: 'no room', hint: `the log says more: ${failedLog(home)}` });
  assert.match(readFileSync(failedLog(home), 'utf8'), /^the program has begun$/m);
});

test('a later start – that fails without a hint – names the log of the cluster', async (t) => {
  const { home, paths, starting } = start(t, fail({ message: 'no room' }), { isNew: false });
  await assert.rejects(starting, { message: 'no room', hint: `the log says more: ${paths.log}` });
  assert.equal(existsSync(failedLog(home)), false);
});

test('a start – whose process ends without a word – is a problem', async (t) => {
  const { starting } = start(t, 'process.exit(3);');
  await assert.rejects(starting, { message: 'the process ended while it was starting' });
});

test('a start – the user interrupts it – ends the process, and says how to start again', async (t) => {
  const { home, paths, starting } = start(t, 'setInterval(() => {}, 1000);');
  const { process: recorded } = readState(paths)!;
  await eventually(systemEnv(), 'the program', async () => existsSync(`${home}/words`) || undefined);
  process.emit('SIGTERM', 'SIGTERM');
  await assert.rejects(starting, {
    message: 'cluster one was interrupted while it was starting',
    hint: 'start it again: kybern up --name one',
  });
  assert.equal(isAlive(recorded), false);
  assert.equal(process.listenerCount('SIGTERM'), 0);
});
