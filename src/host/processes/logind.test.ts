import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { delayShutdown, followShutdown } from './logind.ts';

const has = ['/usr/bin/busctl', '/usr/bin/dbus-daemon', '/usr/bin/systemd-inhibit'].every((file) =>
  existsSync(file),
);
const skip = has ? false : 'needs systemd and dbus';

test('a shutdown – announced and cancelled on the bus – is signalled; the end of the bus ends it', {
  skip,
  timeout: 60_000,
}, async (t) => {
  const dir = mkdtempSync(`${tmpdir()}/kybern-bus-`);
  const address = `unix:path=${dir}/bus`;
  const bus = spawn('dbus-daemon', ['--session', '--nofork', `--address=${address}`], { stdio: 'ignore' });
  t.after(() => {
    bus.kill('SIGKILL');
    rmSync(dir, { recursive: true });
  });
  while (!existsSync(`${dir}/bus`)) await delay(10);
  const env = { ...process.env, DBUS_SYSTEM_BUS_ADDRESS: address };
  const seen: boolean[] = [];
  const ended = Promise.withResolvers<void>();
  t.after(followShutdown({ onSignal: (is) => void seen.push(is), onEnd: ended.resolve }, env));
  const emit = (value: string) =>
    execFileSync(
      'busctl',
      ['emit', '/org/freedesktop/login1', 'org.freedesktop.login1.Manager', 'PrepareForShutdown', 'b', value],
      { env },
    );
  // What is sent before it listens is not heard.
  while (seen.length === 0) {
    emit('true');
    await delay(100);
  }
  emit('false');
  while (seen.at(-1) !== false) await delay(10);
  bus.kill('SIGKILL');
  await ended.promise;
  assert.equal(seen[0], true);
});

test('a lock on the shutdown – of a machine without logind – ends at once', {
  skip,
  timeout: 30_000,
}, async (t) => {
  const ended = Promise.withResolvers<void>();
  t.after(delayShutdown(ended.resolve, { ...process.env, DBUS_SYSTEM_BUS_ADDRESS: 'unix:path=/nowhere' }));
  await ended.promise;
});
