import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inWords, query, testZone } from '#testing/dns/ask.ts';

const { responder } = testZone();
const suffix = '.default.svc.cluster.local';

/** Of names that end with a dot as they are, of all others below the namespace `default`. */
async function ask(name: string, type: string): Promise<string[]> {
  const whole = name.endsWith('.') ? name.slice(0, -1) : `${name}${suffix}`;
  const answer = await responder.respond(query(whole, type), 'udp');
  const { code, answers, additionals } = inWords(answer ?? Buffer.alloc(0));
  const short = (record: string) =>
    record
      .replace(`${whole} 30 `, '')
      .replaceAll(suffix, '')
      .replace(/^(\S+) 30 /, '$1 ');
  return [code, ...answers.map(short).sort(), ...additionals.map((record) => `+ ${short(record)}`).sort()];
}

const rows: readonly [string, string, ...string[]][] = [
  ['web', 'A', 'NOERROR', 'A 10.96.0.20'],
  ['web', 'AAAA', 'NOERROR'],
  ['web', 'MX', 'NOERROR'],
  ['web', 'TXT', 'NOERROR'],
  ['web', 'AXFR', 'REFUSED'],
  ['web', 'SRV', 'NOERROR', 'SRV 0 100 80 web', '+ A 10.96.0.20'],
  ['two-ports', 'SRV', 'NOERROR', 'SRV 0 50 80 two-ports', 'SRV 0 50 9100 two-ports', '+ A 10.96.0.21'],
  ['none', 'A', 'NXDOMAIN'],
  ['*', 'A', 'NXDOMAIN'],
  ['x.web', 'A', 'NXDOMAIN'],
  ['10-244-0-6.web', 'A', 'NOERROR', 'A 10.244.0.6'],
  ['10-244-0-5.web', 'A', 'NXDOMAIN'],
  ['_http._tcp.web', 'SRV', 'NOERROR', 'SRV 0 100 80 web', '+ web A 10.96.0.20'],
  ['http.tcp.web', 'SRV', 'NOERROR', 'SRV 0 100 80 web', '+ web A 10.96.0.20'],
  ['_http._udp.web', 'SRV', 'NXDOMAIN'],
  ['_none._tcp.web', 'SRV', 'NXDOMAIN'],
  ['_http._tcp.web', 'A', 'NOERROR', 'A 10.96.0.20'],
  ['a._http._tcp.web', 'SRV', 'NXDOMAIN'],
  ['db', 'A', 'NOERROR', 'A 10.244.0.5', 'A 10.244.0.6', 'A 10.244.0.8', 'A 10.244.0.9'],
  ['db', 'AAAA', 'NOERROR', 'AAAA fd00:244::', 'AAAA fd00:244::5'],
  ['db-0.db', 'A', 'NOERROR', 'A 10.244.0.5'],
  ['db-0.db', 'SRV', 'NOERROR', 'SRV 0 50 5432 db-0.db', '+ A 10.244.0.5', '+ AAAA fd00:244::5'],
  ['10-244-0-6.db', 'A', 'NOERROR', 'A 10.244.0.6'],
  ['10-244-0-7.db', 'A', 'NXDOMAIN'],
  ['fd00-244--0.db', 'AAAA', 'NOERROR', 'AAAA fd00:244::'],
  ['bare', 'A', 'NOERROR', 'A 10.244.1.5'],
  ['bare', 'SRV', 'NOERROR'],
  ['lonely', 'A', 'NXDOMAIN'],
  ['six', 'A', 'NOERROR'],
  ['six', 'AAAA', 'NOERROR', 'AAAA fd00:244::16'],
  ['out', 'CNAME', 'NOERROR', 'CNAME target.example.org'],
  ['out', 'A', 'NOERROR'],
  ['out', 'TXT', 'NOERROR'],
  ['x.out', 'A', 'NXDOMAIN'],
  ['renamed', 'A', 'NOERROR', 'CNAME web', 'web A 10.96.0.20'],
  ['renamed', 'AAAA', 'NOERROR'],
  ['twice', 'A', 'NOERROR', 'CNAME renamed', 'renamed CNAME web', 'web A 10.96.0.20'],
  ['dangling', 'A', 'NOERROR'],
  ['self', 'A', 'NOERROR'],
  ['tick', 'A', 'NOERROR'],
  ['cluster.local.', 'A', 'NOERROR'],
  [
    'cluster.local.',
    'SOA',
    'NOERROR',
    'SOA ns.dns.cluster.local hostmaster.cluster.local 7200 1800 86400 30',
  ],
  [
    'cluster.local.',
    'NS',
    'NOERROR',
    'NS kube-dns.kube-system.svc.cluster.local',
    '+ kube-dns.kube-system.svc.A 10.96.0.10',
  ],
  ['svc.cluster.local.', 'A', 'NOERROR'],
  ['default.svc.cluster.local.', 'A', 'NOERROR'],
  ['absent.svc.cluster.local.', 'A', 'NXDOMAIN'],
  ['web.absent.svc.cluster.local.', 'A', 'NXDOMAIN'],
  ['other.cluster.local.', 'A', 'NXDOMAIN'],
  ['ns.dns.cluster.local.', 'A', 'NOERROR', 'A 10.96.0.10'],
  ['dns.cluster.local.', 'A', 'NOERROR'],
  ['dns-version.cluster.local.', 'TXT', 'NOERROR', 'TXT 1.1.0'],
  ['dns-version.cluster.local.', 'A', 'NOERROR'],
  ['10-1-2-3.default.pod.cluster.local.', 'A', 'NOERROR', 'A 10.1.2.3'],
  ['fd00--5.default.pod.cluster.local.', 'AAAA', 'NOERROR', 'AAAA fd00::5'],
  ['10-1-2-3.default.pod.cluster.local.', 'TXT', 'NOERROR'],
  ['300-1-2-3.default.pod.cluster.local.', 'A', 'NXDOMAIN'],
  ['010-1-2-3.default.pod.cluster.local.', 'A', 'NXDOMAIN'],
  ['10-1-2-3.absent.pod.cluster.local.', 'A', 'NXDOMAIN'],
  ['x.10-1-2-3.default.pod.cluster.local.', 'A', 'NXDOMAIN'],
  ['20.0.96.10.in-addr.arpa.', 'PTR', 'NOERROR', 'PTR web'],
  ['5.0.244.10.IN-ADDR.arpa.', 'PTR', 'NOERROR', 'PTR db-0.db'],
  ['6.0.244.10.in-addr.arpa.', 'PTR', 'NOERROR', 'PTR 10-244-0-6.db', 'PTR 10-244-0-6.web'],
  [
    '5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.4.4.2.0.0.0.d.f.ip6.arpa.',
    'PTR',
    'NOERROR',
    'PTR db-0.db',
  ],
  ['7.0.244.10.in-addr.arpa.', 'PTR', 'REFUSED'],
  ['20.0.96.10.in-addr.arpa.', 'A', 'REFUSED'],
  ['020.0.96.10.in-addr.arpa.', 'PTR', 'REFUSED'],
  ['0.96.10.in-addr.arpa.', 'PTR', 'REFUSED'],
  ['xcluster.local.', 'A', 'REFUSED'],
  ['example.org.', 'A', 'REFUSED'],
];

for (const [name, type, code, ...records] of rows) {
  test(`the cluster’s zone – ${type} ${name} – ${code} ${records.join(', ')}`, async () =>
    assert.deepEqual(await ask(name, type), [code, ...records]));
}
