import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ForwardDrop, NetworkFacts } from '#host/network/network-facts.ts';
import { type ClusterNetwork, networkFindings } from './network-findings.ts';

const well: NetworkFacts = {
  forwarding: true,
  reversePath: { all: 0, default: 0, eth0: 2 },
  forwardDrops: [],
  firewalld: false,
  ufw: false,
  iptablesRules: { nft: 0, legacy: 0 },
  bridgeCalls: false,
  nameservers: ['192.0.2.53'],
  links: [
    { name: 'eth0', mtu: 1500 },
    { name: 'kyb0', mtu: 1500 },
  ],
  routes: [
    { dst: 'default', dev: 'eth0' },
    { dst: '192.0.2.0/24', dev: 'eth0' },
    { dst: '10.244.0.0/16', dev: 'kyb0' },
    { dst: '10.244.3.0/24', dev: 'kyb-link' },
    { dst: '10.96.0.0/16', dev: 'kyb0' },
  ],
  inotify: { instances: 8192, watches: 524_288 },
  openFiles: 1_048_576,
  trackedFlows: { count: 100, max: 131_072 },
};

const cluster: ClusterNetwork = {
  name: 'one',
  isUp: true,
  podRange: '10.244.0.0/16',
  serviceRange: '10.96.0.0/16',
  bridge: 'kyb0',
};

/** What is wrong or noted, as the command prints it. */
function printed(changes: Partial<NetworkFacts>, clusters = [cluster]): string[] {
  return networkFindings({ ...well, ...changes }, clusters)
    .filter(({ hint }) => hint !== undefined)
    .map(({ ok, what, hint }) => `${ok ? 'note' : 'lack'} ${what} (${hint})`);
}

const drop = (more: Partial<ForwardDrop> = {}): ForwardDrop => ({
  by: 'iptables-nft',
  chain: 'ip filter FORWARD',
  rules: 'chain FORWARD { type filter hook forward priority filter; policy drop; }',
  ...more,
});
const dropText = 'the firewall drops what pods of cluster one send and receive';

const rows: readonly [string, Partial<NetworkFacts>, string[]][] = [
  ['all is well', {}, []],
  [
    'no forwarding',
    { forwarding: false },
    ['lack this machine does not forward packets (sysctl -w net.ipv4.ip_forward=1)'],
  ],
  [
    'a strict reverse path filter of one device',
    { reversePath: { all: 0, default: 1, eth0: 1, eth1: 0 } },
    [
      'note the reverse path filter is strict (eth0): it drops what comes and goes by different devices (sysctl -w net.ipv4.conf.all.rp_filter=2)',
    ],
  ],
  ['a strict filter of all that a loose one overrules', { reversePath: { all: 2, eth0: 1 } }, []],
  [
    'iptables with a policy',
    { forwardDrops: [drop()] },
    [
      `lack ${dropText} (ip filter FORWARD of iptables-nft) (iptables-nft -I FORWARD -s 10.244.0.0/16 -j ACCEPT && iptables-nft -I FORWARD -d 10.244.0.0/16 -j ACCEPT)`,
    ],
  ],
  [
    'a policy with a rule for the range',
    { forwardDrops: [drop({ rules: 'ip saddr 10.244.0.0/16 counter accept' })] },
    [],
  ],
  [
    'Docker, by legacy iptables',
    {
      forwardDrops: [drop({ by: 'iptables-legacy', chain: 'filter FORWARD', rules: ':DOCKER-USER - [0:0]' })],
    },
    [
      `lack ${dropText} (filter FORWARD of iptables-legacy) (iptables-legacy -I DOCKER-USER -s 10.244.0.0/16 -j ACCEPT && iptables-legacy -I DOCKER-USER -d 10.244.0.0/16 -j ACCEPT)`,
    ],
  ],
  [
    'firewalld',
    { firewalld: true, forwardDrops: [drop({ by: 'nft', chain: 'inet firewalld filter_FORWARD' })] },
    [
      `lack ${dropText} (inet firewalld filter_FORWARD of nft) (firewall-cmd --permanent --zone=trusted --add-source=10.244.0.0/16 && firewall-cmd --reload)`,
    ],
  ],
  [
    'ufw',
    { ufw: true, forwardDrops: [drop()] },
    [
      `lack ${dropText} (ip filter FORWARD of iptables-nft) (ufw route allow from 10.244.0.0/16 && ufw route allow to 10.244.0.0/16)`,
    ],
  ],
  [
    'a chain of nft',
    { forwardDrops: [drop({ by: 'nft', chain: 'inet own forward' })] },
    [
      `lack ${dropText} (inet own forward of nft) (nft insert rule inet own forward ip saddr 10.244.0.0/16 accept && nft insert rule inet own forward ip daddr 10.244.0.0/16 accept)`,
    ],
  ],
  [
    'both flavours of iptables',
    { iptablesRules: { nft: 3, legacy: 2 } },
    [
      'note both flavours of iptables have rules (nft 3, legacy 2): a packet has to pass both (iptables-legacy-save | iptables-nft-restore --noflush && iptables-legacy -F)',
    ],
  ],
  [
    'bridged packets in iptables that drops',
    { bridgeCalls: true, forwardDrops: [drop({ rules: '10.244.0.0/16 accept' })] },
    [
      'note packets between pods of one node pass through iptables, whose FORWARD chain drops them (sysctl -w net.bridge.bridge-nf-call-iptables=0)',
    ],
  ],
  ['bridged packets in iptables', { bridgeCalls: true }, []],
  [
    'no name server',
    { nameservers: [] },
    [
      "note /etc/resolv.conf names no server: pods can only look up names of their cluster (echo 'nameserver 9.9.9.9' >> /etc/resolv.conf)",
    ],
  ],
  [
    'the cluster’s own DNS in resolv.conf',
    { nameservers: ['10.96.0.10', '192.0.2.53'] },
    [
      "lack /etc/resolv.conf names 10.96.0.10, the DNS of cluster one, which forwards to /etc/resolv.conf (sed -i '/^nameserver 10\\.96\\.0\\.10$/d' /etc/resolv.conf)",
    ],
  ],
  [
    'an uplink with a smaller MTU',
    {
      links: [
        { name: 'eth0', mtu: 1400 },
        { name: 'kyb0', mtu: 1500 },
      ],
    },
    [
      'lack packets of cluster one are larger (1500 bytes) than eth0 takes (1400) (ip link set kyb0 mtu 1400)',
    ],
  ],
  [
    'a range that the machine routes elsewhere',
    { routes: [...well.routes, { dst: '10.0.0.0/8', dev: 'wg0' }] },
    [
      'lack cluster one has the range 10.244.0.0/16, and this machine a route of 10.0.0.0/8 by wg0 (kybern delete --name one && kybern up --name one)',
      'lack cluster one has the range 10.96.0.0/16, and this machine a route of 10.0.0.0/8 by wg0 (kybern delete --name one && kybern up --name one)',
    ],
  ],
  [
    'few inotify instances, watches and files',
    { inotify: { instances: 128, watches: 8192 }, openFiles: 4096 },
    [
      'note users may watch files by few inotify instances: 128 (sysctl -w fs.inotify.max_user_instances=8192)',
      'note users may watch few files by inotify: 8192 (sysctl -w fs.inotify.max_user_watches=524288)',
      'note programs may open few files: 4096 (ulimit -Hn 1048576)',
    ],
  ],
  [
    'a full table of connections',
    { trackedFlows: { count: 60_000, max: 65_536 } },
    [
      'lack the table of tracked connections is nearly full: 60000 of 65536 (sysctl -w net.netfilter.nf_conntrack_max=131072)',
    ],
  ],
  ['a kernel without connection tracking', { trackedFlows: undefined }, []],
];

for (const [title, changes, expected] of rows) {
  test(`the machine’s network – ${title} – has ${expected.length} findings to act on`, () =>
    assert.deepEqual(printed(changes), expected));
}

test('the machine’s network – no cluster, or one that is down – does not have to forward', () => {
  assert.deepEqual(printed({ forwarding: false }, []), []);
  assert.deepEqual(printed({ forwarding: false }, [{ ...cluster, isUp: false }]), []);
});

test('a firewall – in the way of a dual-stack cluster – is asked to accept its IPv4 range', () => {
  const dualStack = { ...cluster, podRange: '10.244.0.0/16,fd00:10:244::/56' };
  const [line = ''] = printed({ forwardDrops: [drop()] }, [dualStack]);
  assert.match(line, /-s 10\.244\.0\.0\/16 -j ACCEPT/);
  const accepting = drop({ rules: 'ip saddr 10.244.0.0/16 counter accept' });
  assert.deepEqual(printed({ forwardDrops: [accepting] }, [dualStack]), []);
});
