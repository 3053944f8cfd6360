import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { enterNamespace } from '#host/network/links/network-namespace.ts';
import { command } from '#host/processes/command.ts';
import { NodeLab } from '#testing/network/node-lab.ts';

const needsRoot = { skip: process.getuid?.() === 0 ? false : 'needs root' };

/** Answers every connection with the address that it came from. */
const server = `
require('node:net').createServer((socket) => socket.end(socket.remoteAddress)).listen(7000, '0.0.0.0', () => console.log('listens'));
`;
const client = `
const socket = require('node:net').connect(7000, process.argv[1]);
socket.setTimeout(3000, () => { console.log('no answer'); process.exit(); });
socket.on('error', ({ code }) => console.log(code));
socket.on('data', (text) => console.log(String(text)));
`;

async function serve(namespace: string): Promise<ChildProcess> {
  const [program, ...args] = enterNamespace(namespace);
  const child = spawn(program, [...args, process.execPath, '-e', server], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return child;
}

/** The address under which `target` sees what is sent from the namespace. */
async function seenFrom(namespace: string, target: string): Promise<string> {
  const [program, ...args] = enterNamespace(namespace);
  return (await command(program, [...args, process.execPath, '-e', client, target])).trim();
}

/** Counts and drops packets with an address of the pod range that would leave by the machine. */
const watchScript = (links: string) => `
table ip lab_watch
delete table ip lab_watch
table ip lab_watch {
  chain seen {
    type filter hook forward priority 300; policy accept;
    oifname != "${links}*" ip saddr 198.19.0.0/16 counter drop
    oifname != "${links}*" ip daddr 198.19.0.0/16 counter drop
  }
}
`;

test(
  'paths between nodes – on one link, on two, of a node that goes – pods keep their addresses, only what leaves is masqueraded',
  needsRoot,
  async (t) => {
    const prefix = `tp${process.pid % 10_000}`;
    const lab = new NodeLab(prefix);
    const servers: ChildProcess[] = [];
    t.after(async () => {
      for (const child of servers) child.kill();
      await lab.stop();
    });
    await lab.start();
    const near = await lab.addNode(2, 0);
    const other = await lab.addNode(3, 0);
    const far = await lab.addNode(4, 1);
    for (const { namespace, podNamespace } of lab.nodes) {
      servers.push(await serve(namespace), await serve(podNamespace));
    }
    await lab.followAll();
    const rows = [
      ['a pod on the same link', near.podNamespace, other.pod, near.pod],
      ['a pod on another link', near.podNamespace, far.pod, near.pod],
      ['the way back', far.podNamespace, near.pod, far.pod],
      ['a node on the same link', near.podNamespace, other.address, near.pod],
      ['a node on another link', near.podNamespace, far.address, near.address],
      ['from a node on the same link', near.namespace, other.pod, near.address],
    ] as const;
    for (const [title, from, to, seen] of rows) {
      await t.test(title, async () => assert.equal(await seenFrom(from, to), seen));
    }
    await t.test('the MTU – with a tunnel, without – is 50 bytes less, is the link’s', async () => {
      assert.deepEqual(await lab.follow(near, [near, other, far]), { mtu: 1450, unreachable: [] });
      assert.deepEqual(await lab.follow(near, [near, other]), { mtu: 1500, unreachable: [] });
    });
    await t.test('a node that is gone – its pods are not reached, and nothing leaves for them', async (t) => {
      await command('nft', ['-f', '-'], { input: watchScript(prefix) });
      t.after(() => command('nft', ['delete', 'table', 'ip', 'lab_watch']));
      assert.equal(await seenFrom(near.podNamespace, other.pod), near.pod);
      assert.match(await seenFrom(near.podNamespace, far.pod), /no answer|EHOSTUNREACH/);
      const counters = await command('nft', ['list', 'table', 'ip', 'lab_watch']);
      assert.equal(counters.match(/packets 0 /g)?.length, 2, counters);
    });
  },
);
