import assert from 'node:assert/strict';
import { test } from 'node:test';
import { command } from '#host/processes/command.ts';

const skip = process.getuid?.() === 0 ? false : 'needs root';

/** Runs in a network namespace of its own. */
const program = `
import { installFrame } from '#network/services/proxy.ts';
import { command } from '#host/processes/command.ts';
const frame = {
  name: 'kybern_frame',
  bridge: 'br0',
  podRange: '10.244.0.0/16,fd00:244::/56',
  serviceRange: '10.96.0.0/16,fd00:96::/112',
};
const list = () => command('nft', ['list', 'ruleset']);
await installFrame(frame);
await command('nft', ['add element ip kybern_frame hairpin { 10.244.0.5 . 10.244.0.5 }']);
const served = await list();
await installFrame(frame);
const again = await list();
await command('nft', ['delete table ip6 kybern_frame']);
await installFrame(frame);
const made = (await list()).includes("table ip6");
console.log(JSON.stringify({ served: served.includes("10.244.0.5"), kept: again === served, made }));
`;

test('the frame – its tables are there, one is missing – are kept, are made', { skip }, async () => {
  const args = ['--net', process.execPath, '--input-type=module-typescript', '-e', program];
  assert.deepEqual(JSON.parse(await command('unshare', args)), { served: true, kept: true, made: true });
});
