import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { KernelLog } from './kernel-log.ts';

const skip = process.platform === 'linux' && process.getuid?.() === 0 ? false : 'needs root on Linux';

test('the kernel log – what is logged after it was opened – is read once, in order', { skip }, async (t) => {
  const mark = `kybern test ${process.pid} ${performance.now()}`;
  writeFileSync('/dev/kmsg', `${mark} before\n`);
  const log = await KernelLog.open();
  assert.ok(log);
  t.after(() => log.close());
  for (const name of ['first', 'second']) writeFileSync('/dev/kmsg', `${mark} ${name}\n`);
  const seen: string[] = [];
  while (seen.length < 2) {
    seen.push(...(await log.next()).filter((message) => message.startsWith(mark)));
    await delay(10);
  }
  assert.deepEqual(seen, [`${mark} first`, `${mark} second`]);
  assert.deepEqual(
    (await log.next()).filter((message) => message.startsWith(mark)),
    [],
  );
});
