import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { command } from '../../processes/command.ts';
import { deleteLinkTable, ensureLinkTable } from './link-table.ts';
import {
  deleteDevice,
  ensureNamespace,
  enterNamespace,
  hasDevice,
  holdsNamespace,
  removeNamespace,
} from './network-namespace.ts';
import {
  connectNode,
  disconnectNode,
  ensureLink,
  freeAddressOn,
  type Link,
  machineAddressOn,
  macOf,
} from './node-link.ts';

const needsRoot = { skip: process.getuid?.() === 0 ? false : 'needs root' };
const link: Link = { bridge: `tlk${process.pid}`, range: '198.18.251.0/24', mtu: 1500 };

/** A machine that refuses a connection has been reached. Prints the code of the error. */
const knock = `
const socket = require('node:net').connect(9, process.argv[1]);
socket.setTimeout(1000, () => socket.destroy(Object.assign(new Error(), { code: 'no answer' })));
socket.on('error', ({ code }) => console.log(code));
`;

async function answerOf(address: string, namespace?: string): Promise<string> {
  const [program, ...args] = [
    ...(namespace ? enterNamespace(namespace) : []),
    process.execPath,
    '-e',
    knock,
    address,
  ];
  return (await command(program ?? '', args)).trim();
}

test('freeAddressOn – addresses in use – the lowest of the others, never the machine’s', () => {
  assert.equal(freeAddressOn('10.201.7.0/24', []), '10.201.7.2');
  assert.equal(freeAddressOn('10.201.7.0/24', ['10.201.7.2', '10.201.7.4']), '10.201.7.3');
  assert.throws(() => freeAddressOn('10.201.7.0/30', ['10.201.7.2']), /all addresses of the link/);
});

test('macOf – an address – is made of its bytes', () => {
  assert.equal(macOf('10.201.7.2'), '0a:6b:0a:c9:07:02');
});

test(
  'a namespace – made twice, removed twice – is there once, then leaves no file and no mount',
  needsRoot,
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'kybern-namespace-'));
    t.after(async () => {
      await removeNamespace(join(folder, 'deep', 'netns'));
      rmSync(folder, { recursive: true });
    });
    const file = join(folder, 'deep', 'netns');
    await ensureNamespace(file);
    const made = await command('nsenter', [`--net=${file}`, 'readlink', '/proc/self/ns/net']);
    await ensureNamespace(file);
    assert.equal(await command('nsenter', [`--net=${file}`, 'readlink', '/proc/self/ns/net']), made);
    await removeNamespace(file);
    await removeNamespace(file);
    assert.equal(await holdsNamespace(file), false);
    assert.deepEqual(readdirSync(join(folder, 'deep')), []);
  },
);

test(
  'the link of two nodes – connected twice – reach each other, the machine and what is behind it, and leave nothing',
  needsRoot,
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'kybern-link-'));
    const cables = [2, 3].map((number) => ({
      namespace: join(folder, String(number)),
      device: `tlv${process.pid}.${number}`,
      address: `198.18.251.${number}`,
      behindMachine: ['198.18.252.1'],
    }));
    t.after(async () => {
      for (const { device, namespace } of cables) {
        await disconnectNode(device);
        await removeNamespace(namespace);
      }
      await deleteDevice(link.bridge);
      await deleteLinkTable(link.bridge);
      rmSync(folder, { recursive: true });
      assert.equal(hasDevice(link.bridge), false);
    });
    for (let times = 0; times < 2; times++) {
      await ensureLink(link);
      await ensureLinkTable({ name: link.bridge, devices: [link.bridge], linkRange: link.range });
      for (const cable of cables) await connectNode(link, cable);
    }
    await command('ip', ['address', 'add', '198.18.252.1/32', 'dev', link.bridge]);
    const [first] = cables;
    assert.ok(first);
    for (const target of ['198.18.251.3', machineAddressOn(link.range), '198.18.252.1']) {
      assert.equal(await answerOf(target, first.namespace), 'ECONNREFUSED', target);
    }
    assert.equal(await answerOf('198.18.251.3'), 'ECONNREFUSED');
    // A cut cable, as a machine that is unplugged.
    await disconnectNode(first.device);
    assert.notEqual(await answerOf(first.address), 'ECONNREFUSED');
    await connectNode(link, first);
    assert.equal(await answerOf(first.address), 'ECONNREFUSED');
  },
);
