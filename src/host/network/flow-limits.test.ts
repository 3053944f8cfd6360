import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { raiseFlowLimits, restoreFlowLimits } from './flow-limits.ts';

test("flow limits – the kernel's is lower, higher, missing – is raised, kept, reported", async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kybern-flows-'));
  try {
    const closeWait = join(folder, 'nf_conntrack_tcp_timeout_close_wait');
    await writeFile(closeWait, '60\n');
    assert.deepEqual(await raiseFlowLimits(join(folder, 'record'), folder), ['nf_conntrack_max']);
    assert.equal(await readFile(closeWait, 'utf8'), '3600');
    const max = join(folder, 'nf_conntrack_max');
    await writeFile(max, '262144\n');
    await writeFile(closeWait, '7200\n');
    assert.deepEqual(await raiseFlowLimits(join(folder, 'record'), folder), []);
    assert.equal(await readFile(max, 'utf8'), '262144\n');
    assert.equal(await readFile(closeWait, 'utf8'), '7200\n');
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('flow limits – the last cluster goes – what was raised returns, unless it was changed since', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kybern-flows-'));
  const at = (name: string) => join(folder, name);
  const closeWait = at('nf_conntrack_tcp_timeout_close_wait');
  const max = at('nf_conntrack_max');
  try {
    await writeFile(closeWait, '60\n');
    await writeFile(max, '65536\n');
    await raiseFlowLimits(at('record'), folder);
    // A second cluster finds them raised.
    await raiseFlowLimits(at('record'), folder);
    await writeFile(max, '500000');
    await restoreFlowLimits(at('record'), folder);
    assert.deepEqual([await readFile(closeWait, 'utf8'), await readFile(max, 'utf8')], ['60', '500000']);
    await assert.rejects(readFile(at('record')), /ENOENT/);
    await restoreFlowLimits(at('record'), folder);
  } finally {
    await rm(folder, { recursive: true });
  }
});
