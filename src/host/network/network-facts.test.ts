import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { legacyForwardDrops, type NetworkFacts, nftForwardDrops } from './network-facts.ts';

const run = promisify(execFile);

/** The facts in a network namespace in which `script` has run. */
async function factsAfter(script: string): Promise<NetworkFacts> {
  const program = `import(${JSON.stringify(new URL('./network-facts.ts', import.meta.url).href)})
    .then(({ readNetworkFacts }) => readNetworkFacts())
    .then((facts) => process.stdout.write(JSON.stringify(facts), () => process.exit(0)));`;
  const args = [
    '--net',
    'sh',
    '-ec',
    `${script}\nexec "$0" "$@"`,
    process.execPath,
    '--conditions=kybern-sources',
    '-e',
    program,
  ];
  const { stdout } = await run('unshare', args);
  return JSON.parse(stdout) as NetworkFacts;
}

test('network facts – of an empty namespace – are read', async () => {
  const facts = await factsAfter('echo 0 > /proc/sys/net/ipv4/ip_forward');
  assert.deepEqual(facts.links, [{ name: 'lo', mtu: 65_536 }]);
  assert.deepEqual([facts.forwarding, facts.routes, facts.forwardDrops], [false, [], []]);
  assert.ok((facts.inotify.instances ?? 0) > 0 && (facts.openFiles ?? 0) > 0);
});

test('network facts – a filter, a link, a route and rules – are found', async () => {
  const facts = await factsAfter(`
    echo 1 > /proc/sys/net/ipv4/ip_forward
    ip link add br7 type bridge
    ip link set br7 mtu 1300
    ip address add 192.0.2.1/24 dev br7
    ip link set br7 up
    ip route add default via 192.0.2.2
    echo 1 > /proc/sys/net/ipv4/conf/br7/rp_filter
    nft 'add table ip filter; add chain ip filter FORWARD { type filter hook forward priority 0; policy drop; }'
    nft 'add rule ip filter FORWARD ip saddr 10.1.0.0/16 counter accept'
    nft 'add table inet own; add chain inet own pass { type filter hook forward priority 10; policy drop; }'`);
  assert.equal(facts.forwarding, true);
  assert.equal(facts.reversePath['br7'], 1);
  assert.deepEqual(
    facts.links.filter(({ name }) => name === 'br7'),
    [{ name: 'br7', mtu: 1300 }],
  );
  assert.deepEqual(facts.routes, [
    { dst: 'default', dev: 'br7' },
    { dst: '192.0.2.0/24', dev: 'br7' },
  ]);
  assert.deepEqual(
    facts.forwardDrops.map(({ by, chain }) => `${by}: ${chain}`),
    ['iptables-nft: ip filter FORWARD', 'nft: inet own pass'],
  );
  assert.match(facts.forwardDrops[0]?.rules ?? '', /10\.1\.0\.0\/16 counter .*accept/);
  assert.equal(facts.iptablesRules.nft, 1);
});

test('rules of legacy iptables – with the policies DROP and ACCEPT – drop or do not', () => {
  assert.equal(legacyForwardDrops('*filter\n:INPUT ACCEPT [0:0]\n:FORWARD DROP [3:180]\nCOMMIT').length, 1);
  assert.deepEqual(legacyForwardDrops('*filter\n:INPUT DROP [0:0]\n:FORWARD ACCEPT [0:0]\nCOMMIT'), []);
});

test('rules of nft – chains of other hooks, families and policies – do not drop forwarded packets', () => {
  const chain = (family: string, hook: string, policy: string) =>
    `table ${family} own {\n\tchain pass {\n\t\ttype filter hook ${hook} priority filter; policy ${policy};\n\t}\n}\n`;
  assert.deepEqual(nftForwardDrops(chain('inet', 'input', 'drop')), []);
  assert.deepEqual(nftForwardDrops(chain('inet', 'forward', 'accept')), []);
  assert.deepEqual(nftForwardDrops(chain('ip6', 'forward', 'drop')), []);
  assert.equal(nftForwardDrops(chain('inet', 'forward', 'drop')).length, 1);
});
