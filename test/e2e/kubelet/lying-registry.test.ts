/**
 * Images from registries that lie, break off or never answer, and onto a full disk: each pod has the event that says so,
 * others start meanwhile, and all run once it is over.
 */

import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { command } from '#host/processes/command.ts';
import { type Lie, LyingRegistry } from '../../support/lying-registry.ts';
import { image, RealKubelet } from '../../support/real-kubelet.ts';

const node = new RealKubelet();
const registry = new LyingRegistry();
const images = `${node.containerdOptions.dataDir}/containerd`;
const mebibyte = 1024 * 1024;

before(async () => {
  mkdirSync(images, { recursive: true });
  await command('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'images', images]);
  await node.start();
  await registry.start();
});
after(async () => {
  await node.stop();
  await registry.stop();
});

/** A pod whose container waits for the image; the program is the node's own, the image has none. */
async function run(name: string, ref: string): Promise<void> {
  const main = { name: 'main', image, command: ['/bin/busybox', 'true'] };
  const mounts = { volumeMounts: [{ name: 'lie', mountPath: '/lie' }] };
  const volumes = [{ name: 'lie', image: { reference: ref } }];
  await node.create(name, { restartPolicy: 'Never', containers: [{ ...main, ...mounts }], volumes });
}

async function untilEvent(name: string, message: RegExp): Promise<void> {
  await node.until(`${name}: ${message}`, async () =>
    (await node.eventsOf(name, 'Failed')).some((text) => message.test(text)),
  );
}

// biome-ignore format: a table
const lies: readonly { readonly lie: Lie; readonly message: RegExp }[] = [
  { lie: 'the digest of the layer', message: /unexpected commit digest sha256:\w+, expected sha256:\w+/ },
  { lie: 'a layer that ends early', message: /unexpected EOF/ },
  { lie: 'a manifest that is no JSON', message: /invalid character '<' looking for beginning of value/ },
  { lie: 'redirects without an end', message: /stopped after 10 redirects/ },
  { lie: 'too many requests', message: /429 Too Many Requests/ },
];
const nameOf = (lie: Lie) => lie.replaceAll(' ', '-').toLowerCase();

test('registries – that lie, while others never answer – are the reasons of their pods alone, which run once it is true', async () => {
  const hanging = registry.add('hanging', 'no answer');
  await run('hanging', hanging);
  for (const { lie } of lies) await run(nameOf(lie), registry.add(nameOf(lie), lie));
  for (const { lie, message } of lies) await untilEvent(nameOf(lie), message);
  await run('honest', registry.add('honest', 'none'));
  await node.untilPhase('honest', 'Succeeded');
  for (const { lie } of lies) registry.lies.set(nameOf(lie), 'none');
  for (const { lie } of lies) await node.untilPhase(nameOf(lie), 'Succeeded');
  assert.equal((await node.statusOf('hanging')).phase, 'Pending');
});

test('a manifest – without an end – is not read on', async () => {
  await run('endless', registry.add('endless', 'a manifest without an end'));
  await untilEvent('endless', /failed to pull image "\S+": its registry sends more than it has announced/);
  await run('beside', registry.add('beside', 'none'));
  await node.untilPhase('beside', 'Succeeded');
});

test('a registry – that goes down in the middle of a pull – is the reason of that pod, which runs when it is back', async () => {
  await run('cut-off', registry.add('cut-off', 'a layer by drops', 8 * mebibyte));
  const isRead = () => registry.requests.some((request) => /^GET .*cut-off\/blobs\//.test(request));
  await node.until('a layer is being read', async () => isRead());
  await registry.stop();
  await untilEvent('cut-off', /unexpected EOF|connection reset by peer|connection refused/);
  registry.lies.set('cut-off', 'none');
  await registry.start();
  await node.untilPhase('cut-off', 'Succeeded');
});

test('a disk – too small for an image – is the reason of that pod alone, which runs when there is room', async () => {
  await run('large', registry.add('large', 'none', 70 * mebibyte));
  await untilEvent('large', /no space left on device/);
  await run('small', registry.add('small', 'none'));
  await node.untilPhase('small', 'Succeeded');
  await command('mount', ['-o', 'remount,size=256m', images]);
  await node.untilPhase('large', 'Succeeded');
});
