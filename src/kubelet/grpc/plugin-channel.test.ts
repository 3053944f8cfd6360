import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { systemEnv } from '#host/system-env.ts';
import description from '#kubelet/csi/csi.gen.json' with { type: 'json' };
import { eventually } from '#testing/client-suite.ts';
import { type Answer, PluginServer } from '#testing/kubelet/plugin-server.ts';
import { PluginChannel } from './plugin-channel.ts';

function socketPath(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'kybern-channel-'));
  t.after(() => rmSync(dir, { recursive: true }));
  return join(dir, 'csi.sock');
}

/** Of this process. */
function openSockets(): number {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith('socket:');
    } catch {
      return false;
    }
  }).length;
}

test('a channel to a process that accepts and never answers – closed – leaves no socket open', async (t) => {
  const path = socketPath(t);
  const server = createServer((socket) => socket.unref().resume()).listen(path);
  server.unref();
  t.after(() => server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const before = openSockets();
  for (let round = 0; round < 3; round++) {
    const channel = await PluginChannel.open(path, description);
    await assert.rejects(channel.call('Node', 'NodeGetInfo', {}, { timeoutMs: 50 }), {
      message: 'rpc error: code = DeadlineExceeded desc = context deadline exceeded',
    });
    await channel.close();
  }
  // The server's ends of the connections close with those of the channels.
  await eventually(systemEnv(), 'no socket more than before', () => openSockets() <= before);
});

test('a channel – closed while a call is under way – lets the call end, and leaves no socket open', async (t) => {
  const path = socketPath(t);
  const begun = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const answer: Answer = async () => {
    begun.resolve();
    await release.promise;
    return { nodeId: 'id' };
  };
  await PluginServer.start(t, path, description, { NodeGetInfo: answer });
  const before = openSockets();
  const channel = await PluginChannel.open(path, description);
  const called = channel.call('Node', 'NodeGetInfo', {}, { timeoutMs: 10_000 });
  await begun.promise;
  await channel.close();
  release.resolve();
  assert.equal((await called)['nodeId'], 'id');
  await eventually(systemEnv(), 'no socket more than before', () => openSockets() <= before);
});
