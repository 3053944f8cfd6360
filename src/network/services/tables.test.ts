import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { command, tryCommand } from '#host/processes/command.ts';
import { webFrontend, webFrontend6 } from '#testing/objects/frontends.ts';
import type { Frontend } from './frontends/frontend.ts';
import type { TableFrame } from './nft-script.ts';
import { frameScripts, ServiceTables } from './tables.ts';

const frame: TableFrame = {
  name: 'kybern_test',
  bridge: 'br0',
  podRange: '10.244.0.0/16,fd00:244::/56',
  serviceRange: '10.96.0.0/16,fd00:96::/112',
};

const guarded = {
  externalIps: ['192.0.2.9', '192.0.2.10'],
  guardedIps: ['192.0.2.9'],
  sourceRanges: ['10.0.0.0/8'],
};
const sticky = webFrontend({ id: 's:', clusterIps: ['10.96.0.30'], nodePort: 32002, affinitySeconds: 60 });
const sticky6 = webFrontend6({ id: 's:', clusterIps: ['fd00:96::30'], nodePort: 32002, affinitySeconds: 60 });
const local = { keepsSource: true, externalBackends: [] };

/** What is offered after each step, by owner. */
const steps: Record<string, Frontend[]>[] = [
  { web: [webFrontend(), webFrontend6()] },
  { web: [webFrontend()], s: [sticky, sticky6] },
  { web: [webFrontend({ backends: [], hairpinIps: [] })], s: [{ ...sticky, affinitySeconds: 70 }] },
  { web: [webFrontend(local), webFrontend6(local)], s: [{ ...sticky, keepsSource: true }] },
  { web: [webFrontend(guarded)], sctp: [webFrontend({ id: 'sctp:', protocol: 'sctp', nodePort: 32003 })] },
  { web: [webFrontend()], twin: [webFrontend({ id: 'twin:', backends: sticky.backends.slice(0, 1) })] },
  { twin: [webFrontend({ id: 'twin:' })] },
  {},
];

const asRoot =
  process.getuid?.() === 0 && (await tryCommand('nft', ['--version']).catch(() => undefined)) !== undefined;
const skip = asRoot ? false : 'needs root and nft';

/** An unnamed network namespace, which ends with its shell. */
let inside: ChildProcess;
before(async () => {
  inside = spawn('unshare', ['--net', 'sh', '-c', 'echo there; read end'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(inside.stdout!, 'data');
});
after(() => inside.stdin?.end());

const nft = (args: string[], input = '') =>
  command('nsenter', [`--net=/proc/${inside.pid}/ns/net`, 'nft', ...args], { input });

/** Rules and elements, each a line, in any order. */
async function rulesetLines(): Promise<string[]> {
  const text = await nft(['list', 'ruleset']);
  // nft shows `th dport` as `tcp dport` at times.
  return text
    .replaceAll('tcp dport', 'th dport')
    .replaceAll(/elements = \{|,\n|\}/g, '\n')
    .split('\n')
    .map((line) => line.trim())
    .sort();
}

test('the kernel – every change of the tables – leaves what the whole tables written at once would', {
  skip,
}, async () => {
  await nft(['-f', '-'], frameScripts(frame));
  const changing = new ServiceTables(frame);
  const seen: string[][] = [];
  let offered: Record<string, Frontend[]> = {};
  for (const step of steps) {
    for (const owner of Object.keys({ ...offered, ...step })) changing.put(owner, step[owner] ?? []);
    offered = step;
    for (const script of changing.scripts()) await nft(['-f', '-'], script);
    changing.written();
    seen.push(await rulesetLines());
  }
  for (const [index, step] of steps.entries()) {
    const whole = new ServiceTables(frame);
    for (const [owner, frontends] of Object.entries(step)) whole.put(owner, frontends);
    for (const script of whole.scripts()) await nft(['-f', '-'], script);
    assert.deepEqual(seen[index], await rulesetLines(), `step ${index}`);
  }
  assert.doesNotMatch(
    await nft(['list', 'ruleset']),
    /chain (cluster|port|svc|ext|any|local|guard|ep)-|set aff-/,
  );
});
