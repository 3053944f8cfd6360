import assert from 'node:assert/strict';
import { test } from 'node:test';
import dnsPacket from 'dns-packet';
import type { EndpointSlice, Service } from '#api/generated/types.gen.ts';
import { askDns, listenDns } from '#host/network/dns-sockets.ts';
import type { DnsView } from './records.ts';
import { createResponder } from './responder.ts';

const web: Service = {
  metadata: { name: 'web', namespace: 'default' },
  spec: {
    type: 'ClusterIP',
    clusterIP: '10.96.0.20',
    clusterIPs: ['10.96.0.20'],
    ports: [{ name: 'http', port: 80, protocol: 'TCP' }],
  },
};
const db: Service = {
  metadata: { name: 'db', namespace: 'default' },
  spec: { clusterIP: 'None', clusterIPs: ['None'], ports: [{ name: 'sql', port: 5432, protocol: 'TCP' }] },
};
const outside: Service = {
  metadata: { name: 'out', namespace: 'default' },
  spec: { type: 'ExternalName', externalName: 'example.org' },
};
const dbSlice: EndpointSlice = {
  metadata: { name: 'db-1', namespace: 'default', labels: { 'kubernetes.io/service-name': 'db' } },
  addressType: 'IPv4',
  ports: [{ name: 'sql', port: 5432, protocol: 'TCP' }],
  endpoints: [
    { addresses: ['10.244.0.5'], hostname: 'db-0', conditions: { ready: true } },
    { addresses: ['10.244.0.6'], conditions: { ready: true } },
    { addresses: ['10.244.0.7'], conditions: { ready: false } },
  ],
};
const webSlice: EndpointSlice = {
  metadata: { name: 'web-1', namespace: 'default', labels: { 'kubernetes.io/service-name': 'web' } },
  addressType: 'IPv4',
  ports: [],
  endpoints: [{ addresses: ['10.244.0.6'], conditions: { ready: true } }],
};
const slices = [dbSlice, webSlice];
const renamed: Service = {
  metadata: { name: 'renamed', namespace: 'default' },
  spec: { type: 'ExternalName', externalName: 'web.default.svc.cluster.local' },
};
const dns: Service = {
  metadata: { name: 'kube-dns', namespace: 'kube-system' },
  spec: { clusterIP: '10.96.0.10', clusterIPs: ['10.96.0.10'] },
};
const all = [web, db, outside, renamed, dns];
const view: DnsView = {
  service: (namespace, name) =>
    all.find((service) => service.metadata?.namespace === namespace && service.metadata.name === name),
  slices: (_, service) =>
    slices.filter((slice) => slice.metadata?.labels?.['kubernetes.io/service-name'] === service),
  namespaceExists: (namespace) => namespace === 'default',
  serviceByIp: (ip) => (ip === '10.96.0.20' ? web : undefined),
  slicesByIp: (ip) =>
    slices.filter((slice) => slice.endpoints?.some(({ addresses }) => addresses.includes(ip))),
};
const respond = createResponder({
  view,
  zone: 'cluster.local',
  forward: () => Promise.reject(new Error('none')),
});

async function ask(name: string, type: dnsPacket.RecordType = 'A'): Promise<[string, string[]]> {
  const answer = await respond(
    dnsPacket.encode({ type: 'query', id: 7, questions: [{ type, name }] }),
    'udp',
  );
  const packet = dnsPacket.decode(answer ?? Buffer.alloc(0)) as dnsPacket.DecodedPacket & { rcode: string };
  return [packet.rcode, (packet.answers ?? []).map((answer) => show(answer))];
}

function show(answer: dnsPacket.Answer): string {
  if (answer.type === 'SOA') return answer.data.mname;
  if (answer.type === 'SRV') return `${answer.data.target}:${answer.data.port}`;
  return 'data' in answer ? String(answer.data) : answer.type;
}

const cases: [string, dnsPacket.RecordType, string, string[]][] = [
  ['web.default.svc.cluster.local', 'A', 'NOERROR', ['10.96.0.20']],
  ['WEB.Default.svc.cluster.local', 'A', 'NOERROR', ['10.96.0.20']],
  ['web.default.svc.cluster.local', 'AAAA', 'NOERROR', []],
  ['none.default.svc.cluster.local', 'A', 'NXDOMAIN', []],
  ['web.other.svc.cluster.local', 'A', 'NXDOMAIN', []],
  ['db.default.svc.cluster.local', 'A', 'NOERROR', ['10.244.0.5', '10.244.0.6']],
  ['db-0.db.default.svc.cluster.local', 'A', 'NOERROR', ['10.244.0.5']],
  ['10-244-0-6.db.default.svc.cluster.local', 'A', 'NOERROR', ['10.244.0.6']],
  ['_http._tcp.web.default.svc.cluster.local', 'SRV', 'NOERROR', ['web.default.svc.cluster.local:80']],
  [
    '_sql._tcp.db.default.svc.cluster.local',
    'SRV',
    'NOERROR',
    ['db-0.db.default.svc.cluster.local:5432', '10-244-0-6.db.default.svc.cluster.local:5432'],
  ],
  ['web.default.svc.cluster.local', 'SRV', 'NOERROR', ['web.default.svc.cluster.local:80']],
  ['_none._tcp.web.default.svc.cluster.local', 'SRV', 'NXDOMAIN', []],
  ['cluster.local', 'A', 'NOERROR', []],
  ['cluster.local', 'SOA', 'NOERROR', ['ns.dns.cluster.local']],
  ['cluster.local', 'NS', 'NOERROR', ['ns.dns.cluster.local']],
  ['ns.dns.cluster.local', 'A', 'NOERROR', ['10.96.0.10']],
  ['dns-version.cluster.local', 'TXT', 'NOERROR', ['1.1.0']],
  ['default.svc.cluster.local', 'A', 'NOERROR', []],
  ['svc.cluster.local', 'A', 'NOERROR', []],
  ['x.web.default.svc.cluster.local', 'A', 'NXDOMAIN', []],
  ['300-1-2-3.default.pod.cluster.local', 'A', 'NXDOMAIN', []],
  ['out.default.svc.cluster.local', 'A', 'NOERROR', ['example.org']],
  ['10-1-2-3.default.pod.cluster.local', 'A', 'NOERROR', ['10.1.2.3']],
  ['20.0.96.10.in-addr.arpa', 'PTR', 'NOERROR', ['web.default.svc.cluster.local']],
  ['5.0.244.10.in-addr.arpa', 'PTR', 'NOERROR', ['db-0.db.default.svc.cluster.local']],
  ['5.0.244.10.IN-ADDR.arpa', 'PTR', 'NOERROR', ['db-0.db.default.svc.cluster.local']],
  // An endpoint without hostname has no name: the query is forwarded.
  ['6.0.244.10.in-addr.arpa', 'PTR', 'SERVFAIL', []],
  ['20.0.96.10.in-addr.arpa', 'A', 'SERVFAIL', []],
  ['20.0.96.10.in-addr.arpa', 'TXT', 'SERVFAIL', []],
  ['020.0.96.10.in-addr.arpa', 'PTR', 'SERVFAIL', []],
  ['1.20.0.96.10.in-addr.arpa', 'PTR', 'SERVFAIL', []],
  ['0.96.10.in-addr.arpa', 'PTR', 'SERVFAIL', []],
  ['web.default.svc.cluster.local', 'PTR', 'NOERROR', []],
  ['out.default.svc.cluster.local', 'PTR', 'NOERROR', []],
  ['none.default.svc.cluster.local', 'PTR', 'NXDOMAIN', []],
  ['7.0.244.10.in-addr.arpa', 'PTR', 'SERVFAIL', []],
  ['10-244-0-6.web.default.svc.cluster.local', 'A', 'NOERROR', ['10.244.0.6']],
  ['10-244-0-5.web.default.svc.cluster.local', 'A', 'NXDOMAIN', []],
  ['example.org', 'A', 'SERVFAIL', []],
];

for (const [name, type, code, records] of cases) {
  test(`DNS – ${type} ${name} – ${code}`, async () =>
    assert.deepEqual(await ask(name, type), [code, records]));
}

test('DNS – a query on the same port over UDP and TCP – is answered', async (t) => {
  const listener = await listenDns('127.0.0.1', 0, respond);
  t.after(() => listener.close());
  const query = dnsPacket.encode({
    type: 'query',
    id: 9,
    questions: [{ type: 'A', name: 'web.default.svc.cluster.local' }],
  });
  const answer = dnsPacket.decode(await askDns('127.0.0.1', query, 2000, listener.port));
  assert.equal(answer.answers?.length, 1);
});

test('DNS – a CNAME to a name of the cluster – comes with the address of its target', async () => {
  const [code, answers] = await ask('renamed.default.svc.cluster.local');
  assert.equal(code, 'NOERROR');
  assert.equal(answers.length, 2);
  assert.match(answers[1] ?? '', /10\.96\.0\.20/);
  assert.equal((await ask('renamed.default.svc.cluster.local', 'CNAME'))[1].length, 1);
});

test('DNS – a name that does not exist – comes with the SOA; a failure without it', async () => {
  const packet = async (name: string) => {
    const query = dnsPacket.encode({ type: 'query', id: 7, questions: [{ type: 'A', name }] });
    return dnsPacket.decode((await respond(query, 'udp')) ?? Buffer.alloc(0));
  };
  const absent = await packet('none.default.svc.cluster.local');
  assert.deepEqual(
    absent.authorities?.map((answer) => [answer.type, answer.name, 'ttl' in answer && answer.ttl]),
    [['SOA', 'cluster.local', 5]],
  );
  assert.equal(absent.flag_aa, true);
  const failed = await packet('example.org');
  assert.deepEqual([failed.authorities, failed.flag_aa], [[], false]);
});

test('DNS – EDNS – is answered with EDNS; an answer too large for a datagram is truncated over UDP and whole over TCP', async () => {
  const endpoints = Array.from({ length: 100 }, (_, i) => ({
    addresses: [`10.244.1.${i}`],
    conditions: { ready: true },
  }));
  const crowded = createResponder({
    view: { ...view, slices: () => [{ ...dbSlice, endpoints }] },
    zone: 'cluster.local',
    forward: () => Promise.reject(new Error('none')),
  });
  const query = (udpPayloadSize?: number) => {
    const option = { type: 'OPT', name: '.', udpPayloadSize, flags: 0, options: [] };
    return dnsPacket.encode({
      type: 'query',
      id: 7,
      questions: [{ type: 'A', name: 'db.default.svc.cluster.local' }],
      additionals: udpPayloadSize ? [option as unknown as dnsPacket.Answer] : [],
    });
  };
  const ask = async (bytes: Buffer, transport: 'udp' | 'tcp') => {
    const answer = (await crowded(bytes, transport)) ?? Buffer.alloc(0);
    const { flag_tc, answers = [], additionals = [] } = dnsPacket.decode(answer);
    return [flag_tc, answers.length, additionals.map((answer) => answer.type)];
  };
  assert.deepEqual(await ask(query(), 'udp'), [true, 0, []]);
  assert.deepEqual(await ask(query(65_000), 'udp'), [true, 0, ['OPT']]);
  assert.deepEqual(await ask(query(1232), 'tcp'), [false, 100, ['OPT']]);
});
