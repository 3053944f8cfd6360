/** Judges the machine's network for its clusters: what is wrong or risky, each with the one command that mends it. Pure. */

import { contains, overlap, parseCidr, parseIPv4 } from '#base/net/cidr.ts';
import type { ForwardDrop, NetworkFacts } from '#host/network/network-facts.ts';
import type { Finding } from './finding.ts';

/** A cluster with a real node on this machine. */
export interface ClusterNetwork {
  readonly name: string;
  readonly isUp: boolean;
  readonly podRange: string;
  readonly serviceRange: string;
  readonly bridge: string;
}

/** Below it, a dozen programs that watch files use them up: the kernel's default is 128. */
const inotifyInstancesLeast = 512;
const inotifyWatchesLeast = 65_536;
const openFilesLeast = 65_536;
/** Part of the connection table that may be taken. */
const flowsPartMost = 0.8;

export function networkFindings(facts: NetworkFacts, clusters: readonly ClusterNetwork[]): Finding[] {
  return [
    forwarding(facts, clusters),
    ...reversePath(facts),
    ...firewall(facts, clusters),
    ...flavours(facts),
    ...bridged(facts),
    ...names(facts, clusters),
    ...sizes(facts, clusters),
    ...ranges(facts, clusters),
    ...limits(facts),
  ];
}

function lack(what: string, hint: string): Finding {
  return { ok: false, what, hint };
}

function note(what: string, hint: string): Finding {
  return { ok: true, what, hint };
}

/** Starting a cluster turns it on. */
function forwarding(facts: NetworkFacts, clusters: readonly ClusterNetwork[]): Finding {
  const isWanted = clusters.some(({ isUp }) => isUp);
  if (facts.forwarding || !isWanted) return { ok: true, what: 'forwarding of packets' };
  return lack('this machine does not forward packets', 'sysctl -w net.ipv4.ip_forward=1');
}

/** The kernel uses the larger value of `all` and the device. */
function reversePath({ reversePath: filters }: NetworkFacts): Finding[] {
  const all = filters['all'] ?? 0;
  const strict = Object.keys(filters).filter(
    (device) => !['all', 'default', 'lo'].includes(device) && Math.max(all, filters[device] ?? 0) === 1,
  );
  if (strict.length === 0) return [];
  const some = strict.slice(0, 3).join(', ');
  const what = `the reverse path filter is strict (${some}${strict.length > 3 ? ', …' : ''}): it drops what comes and goes by different devices`;
  return [note(what, 'sysctl -w net.ipv4.conf.all.rp_filter=2')];
}

function firewall(facts: NetworkFacts, clusters: readonly ClusterNetwork[]): Finding[] {
  if (clusters.length === 0 && facts.forwardDrops.length === 0) return [];
  const blocked = facts.forwardDrops.flatMap((drop) =>
    clusters
      .map(({ name, podRange }) => ({ name, range: firstOf(podRange) }))
      .filter(({ range }) => !isAccepted(drop, range))
      .map(({ name, range }) =>
        lack(
          `the firewall drops what pods of cluster ${name} send and receive (${drop.chain} of ${drop.by})`,
          acceptCommand(facts, drop, range),
        ),
      ),
  );
  if (blocked.length > 0) return blocked;
  return [{ ok: true, what: 'no firewall rule in the way' }];
}

/** A rule that names the range and accepts. */
function isAccepted({ rules }: ForwardDrop, podRange: string): boolean {
  return rules.split('\n').some((rule) => rule.includes(podRange) && /\baccept\b/i.test(rule));
}

function acceptCommand({ firewalld, ufw }: NetworkFacts, drop: ForwardDrop, range: string): string {
  if (firewalld && drop.chain.includes('firewalld')) {
    return `firewall-cmd --permanent --zone=trusted --add-source=${range} && firewall-cmd --reload`;
  }
  if (ufw && drop.by !== 'nft') return `ufw route allow from ${range} && ufw route allow to ${range}`;
  if (drop.by === 'nft') {
    return `nft insert rule ${drop.chain} ip saddr ${range} accept && nft insert rule ${drop.chain} ip daddr ${range} accept`;
  }
  // Docker leaves this chain to others, and sets the policy of FORWARD.
  const chain = drop.rules.includes('DOCKER-USER') ? 'DOCKER-USER' : 'FORWARD';
  const rule = (direction: string) => `${drop.by} -I ${chain} ${direction} ${range} -j ACCEPT`;
  return `${rule('-s')} && ${rule('-d')}`;
}

function flavours({ iptablesRules: { nft, legacy } }: NetworkFacts): Finding[] {
  if (nft === 0 || legacy === 0) return [];
  const what = `both flavours of iptables have rules (nft ${nft}, legacy ${legacy}): a packet has to pass both`;
  return [note(what, 'iptables-legacy-save | iptables-nft-restore --noflush && iptables-legacy -F')];
}

function bridged({ bridgeCalls, forwardDrops }: NetworkFacts): Finding[] {
  const isFiltered = bridgeCalls && forwardDrops.some(({ by }) => by !== 'nft');
  if (!isFiltered) return [];
  const what = 'packets between pods of one node pass through iptables, whose FORWARD chain drops them';
  return [note(what, 'sysctl -w net.bridge.bridge-nf-call-iptables=0')];
}

function names({ nameservers }: NetworkFacts, clusters: readonly ClusterNetwork[]): Finding[] {
  if (nameservers.length === 0) {
    const hint = "echo 'nameserver 9.9.9.9' >> /etc/resolv.conf";
    return [note('/etc/resolv.conf names no server: pods can only look up names of their cluster', hint)];
  }
  const loops = clusters.flatMap(({ name, podRange, serviceRange }) =>
    nameservers
      .filter((server) => isIn(server, podRange) || isIn(server, serviceRange))
      .map((server) =>
        lack(
          `/etc/resolv.conf names ${server}, the DNS of cluster ${name}, which forwards to /etc/resolv.conf`,
          `sed -i '/^nameserver ${server.replaceAll('.', '\\.')}$/d' /etc/resolv.conf`,
        ),
      ),
  );
  return loops.length > 0 ? loops : [{ ok: true, what: `name servers ${nameservers.join(', ')}` }];
}

function isIn(address: string, range: string): boolean {
  return /^\d+\.\d+\.\d+\.\d+$/.test(address) && contains(parseCidr(firstOf(range)), parseIPv4(address));
}

/** The IPv4 range of a dual-stack pair. */
function firstOf(range: string): string {
  return range.split(',').find((part) => !part.includes(':')) ?? '0.0.0.0/32';
}

function sizes({ links, routes }: NetworkFacts, clusters: readonly ClusterNetwork[]): Finding[] {
  const mtuOf = (device: string | undefined) => links.find(({ name }) => name === device)?.mtu;
  const uplink = routes.find(({ dst }) => dst === 'default')?.dev;
  const most = mtuOf(uplink);
  if (most === undefined) return [];
  return clusters.flatMap(({ name, bridge }) => {
    const mtu = mtuOf(bridge);
    if (mtu === undefined || mtu <= most) return [];
    const what = `packets of cluster ${name} are larger (${mtu} bytes) than ${uplink} takes (${most})`;
    return [lack(what, `ip link set ${bridge} mtu ${most}`)];
  });
}

/** A route of another device that covers a range, or is as wide: those of single nodes are within. */
function ranges({ routes }: NetworkFacts, clusters: readonly ClusterNetwork[]): Finding[] {
  return clusters.flatMap(({ name, podRange, serviceRange, bridge }) =>
    [podRange, serviceRange].map(firstOf).flatMap((range) => {
      const own = parseCidr(range);
      const clash = routes.find(({ dst, dev }) => {
        if (dev === bridge || !/^\d/.test(dst)) return false;
        const other = parseCidr(dst.includes('/') ? dst : `${dst}/32`);
        return other.bits <= own.bits && overlap(other, own);
      });
      if (!clash) return [];
      const what = `cluster ${name} has the range ${range}, and this machine a route of ${clash.dst} by ${clash.dev}`;
      return [lack(what, `kybern delete --name ${name} && kybern up --name ${name}`)];
    }),
  );
}

function limits({ inotify, openFiles, trackedFlows }: NetworkFacts): Finding[] {
  const findings: Finding[] = [];
  const atLeast = (what: string, value: number | undefined, least: number, command: string) => {
    if (value !== undefined && value < least) findings.push(note(`${what} ${value}`, command));
  };
  const instances = 'sysctl -w fs.inotify.max_user_instances=8192';
  const watches = 'sysctl -w fs.inotify.max_user_watches=524288';
  atLeast(
    'users may watch files by few inotify instances:',
    inotify.instances,
    inotifyInstancesLeast,
    instances,
  );
  atLeast('users may watch few files by inotify:', inotify.watches, inotifyWatchesLeast, watches);
  atLeast('programs may open few files:', openFiles, openFilesLeast, 'ulimit -Hn 1048576');
  if (trackedFlows && trackedFlows.count > trackedFlows.max * flowsPartMost) {
    const what = `the table of tracked connections is nearly full: ${trackedFlows.count} of ${trackedFlows.max}`;
    findings.push(lack(what, `sysctl -w net.netfilter.nf_conntrack_max=${trackedFlows.max * 2}`));
  }
  return findings.length > 0
    ? findings
    : [{ ok: true, what: 'limits of open files, inotify and connections' }];
}
