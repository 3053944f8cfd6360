import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { raiseFlowLimits } from './flow-limits.ts';

test("flow limits – the kernel's is lower, higher, missing – is raised, kept, reported", async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kybern-flows-'));
  try {
    const closeWait = join(folder, 'nf_conntrack_tcp_timeout_close_wait');
    await writeFile(closeWait, '60\n');
    assert.deepEqual(await raiseFlowLimits(folder), ['nf_conntrack_max']);
    assert.equal(await readFile(closeWait, 'utf8'), '3600');
    const max = join(folder, 'nf_conntrack_max');
    await writeFile(max, '262144\n');
    await writeFile(closeWait, '7200\n');
    assert.deepEqual(await raiseFlowLimits(folder), []);
    assert.equal(await readFile(max, 'utf8'), '262144\n');
    assert.equal(await readFile(closeWait, 'utf8'), '7200\n');
  } finally {
    await rm(folder, { recursive: true });
  }
});
