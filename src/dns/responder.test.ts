import assert from 'node:assert/strict';
import { test } from 'node:test';
import dnsPacket from 'dns-packet';
import { endpointSlices, namespaces, pods, services } from '#api/generated/kinds.gen.ts';
import type { EndpointSlice, Namespace, Service } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { inWords, query, testZone } from '#testing/dns/ask.ts';
import { zoneSlices } from '#testing/dns/zone-objects.ts';
import { storedPod } from '#testing/objects.ts';

const { responder } = testZone();
const web = 'web.default.svc.cluster.local';

function respond(bytes: Buffer, transport: 'udp' | 'tcp' = 'udp', by = responder): Buffer | undefined {
  const answer = by.respond(bytes, transport);
  assert.ok(!(answer instanceof Promise));
  return answer;
}

/** With an OPT record. */
const withOption = (udpPayloadSize: number, flags = 0) => {
  const option = { type: 'OPT', name: '.', udpPayloadSize, flags, options: [] };
  return { additionals: [option as unknown as dnsPacket.Answer] };
};

/** Header bytes: flags of the response, and its counts. */
const header = (answer: Buffer | undefined) => answer?.subarray(2, 12).toString('hex');

test('a response – to a name in mixed case – has the name as it was sent, and the id', () => {
  const asked = query('wEb.DEFAULT.svc.Cluster.LOCAL', 'A');
  const answer = respond(asked) ?? Buffer.alloc(0);
  const { id, questions } = dnsPacket.decode(answer);
  assert.deepEqual([id, questions?.[0]?.name], [7, 'wEb.DEFAULT.svc.Cluster.LOCAL']);
  assert.deepEqual(inWords(answer).answers, ['wEb.DEFAULT.svc.Cluster.LOCAL 30 A 10.96.0.20']);
});

test('a response – of the cluster – is authoritative; a denial comes with the SOA record and its TTL', () => {
  const absent = respond(query('none.default.svc.cluster.local', 'A')) ?? Buffer.alloc(0);
  assert.equal(dnsPacket.decode(absent).flag_aa, true);
  const soa = 'cluster.local 30 SOA ns.dns.cluster.local hostmaster.cluster.local 7200 1800 86400 30';
  assert.deepEqual(inWords(absent), { code: 'NXDOMAIN', answers: [], authorities: [soa], additionals: [] });
  const withoutType = respond(query(web, 'AAAA')) ?? Buffer.alloc(0);
  assert.deepEqual(inWords(withoutType), {
    code: 'NOERROR',
    answers: [],
    authorities: [soa],
    additionals: [],
  });
});

const malformed: readonly [string, (bytes: Buffer) => Buffer, string | undefined][] = [
  ['too short for a header', (bytes) => bytes.subarray(0, 11), undefined],
  ['a response', (bytes) => set(bytes, 2, 0x81), undefined],
  ['an update', (bytes) => set(bytes, 2, 0x29), 'a9040000000000000000'],
  ['a notification', (bytes) => set(bytes, 2, 0x21), 'a1040000000000000000'],
  ['no question', (bytes) => set(bytes, 5, 0), '81010000000000000000'],
  ['two questions', (bytes) => set(bytes, 5, 2), '81010000000000000000'],
  ['two answers', (bytes) => set(bytes, 7, 2), '81010000000000000000'],
  ['three additional records', (bytes) => set(bytes, 11, 3), '81010000000000000000'],
  ['an additional record that is not there', (bytes) => set(bytes, 11, 1), '81010000000000000000'],
  ['a name that does not end', (bytes) => bytes.subarray(0, bytes.length - 6), '81010000000000000000'],
  ['a question without a class', (bytes) => bytes.subarray(0, bytes.length - 2), '81010000000000000000'],
  ['a pointer in the question', (bytes) => set(bytes, 12, 0xc0), '81010000000000000000'],
  ['the class CHAOS', (bytes) => set(bytes, bytes.length - 1, 3), '81050001000000000000'],
  [
    'bytes behind the question',
    (bytes) => Buffer.concat([bytes, Buffer.from('more')]),
    '85800001000100000000',
  ],
];

function set(bytes: Buffer, at: number, value: number): Buffer {
  bytes[at] = value;
  return bytes;
}

for (const [title, change, expected] of malformed) {
  test(`a message – ${title} – ${expected ? `is answered with ${expected}` : 'is not answered'}`, () =>
    assert.equal(header(respond(change(query(web, 'A')))), expected));
}

test('random bytes – ten thousand messages – are answered or not, and never fail', () => {
  let seed = 1;
  const next = () => {
    seed = (seed * 1_103_515_245 + 12_345) & 0x7fff_ffff;
    return seed >> 8;
  };
  for (let i = 0; i < 10_000; i++) {
    const bytes = Buffer.from(query(web, 'A', withOption(1232)));
    for (let k = next() % 6; k >= 0; k--) bytes[next() % bytes.length] = next() & 0xff;
    const answer = responder.respond(
      bytes.subarray(0, next() % 4 ? bytes.length : next() % bytes.length),
      'udp',
    );
    if (Buffer.isBuffer(answer)) assert.ok(answer.length <= 1232);
  }
});

test('EDNS – another version than 0 – is BADVERS', () => {
  const bytes = query(web, 'A', withOption(1232));
  bytes[bytes.length - 5] = 1;
  const answer = respond(bytes) ?? Buffer.alloc(0);
  assert.equal(header(answer), '81000001000000000001');
  assert.equal(answer[answer.length - 6], 1);
});

test('EDNS – DO – comes back', () => {
  const { additionals = [] } = dnsPacket.decode(
    respond(query(web, 'A', withOption(1232, 0x8000))) ?? Buffer.alloc(0),
  );
  assert.deepEqual(
    additionals.map((option) => (option as unknown as { flag_do: boolean }).flag_do),
    [true],
  );
});

const crowd = testZone();
crowd.informers.put(endpointSlices, {
  ...zoneSlices.find(({ metadata }) => metadata?.name === 'db-ipv4')!,
  endpoints: Array.from({ length: 100 }, (_, i) => ({ addresses: [`10.244.1.${i}`] })),
} as Stored<EndpointSlice>);

const sizes: readonly [string, Buffer, 'udp' | 'tcp', [boolean, number, number]][] = [
  ['without EDNS', query('db.default.svc.cluster.local', 'A'), 'udp', [true, 29, 510]],
  [
    'of 65,000 bytes',
    query('db.default.svc.cluster.local', 'A', withOption(65_000)),
    'udp',
    [true, 73, 1225],
  ],
  ['of 10 bytes', query('db.default.svc.cluster.local', 'A', withOption(10)), 'udp', [true, 28, 505]],
  ['over TCP', query('db.default.svc.cluster.local', 'A', withOption(10)), 'tcp', [false, 100, 1657]],
];

for (const [title, bytes, transport, expected] of sizes) {
  test(`a response with a hundred addresses – to a client ${title} – has what fits`, () => {
    const answer = respond(bytes, transport, crowd.responder) ?? Buffer.alloc(0);
    const { flag_tc, answers = [] } = dnsPacket.decode(answer);
    assert.deepEqual([flag_tc, answers.length, answer.length], expected);
  });
}

test('addresses of a name – asked for several times – take turns at the first place', () => {
  const first = () =>
    inWords(respond(query('db.default.svc.cluster.local', 'A')) ?? Buffer.alloc(0)).answers[0];
  assert.equal(new Set(Array.from({ length: 12 }, first)).size, 4);
});

test('an answer – the service, its endpoints or its namespace change – changes with them', () => {
  const { informers, responder: changing } = testZone();
  const ask = (name: string) => {
    const { code, answers } = inWords(respond(query(name, 'A'), 'udp', changing) ?? Buffer.alloc(0));
    return [code, ...answers.map((record) => record.split(' ').at(-1)).sort()].join(' ');
  };
  const db = 'db.default.svc.cluster.local';
  assert.equal(ask('new.default.svc.cluster.local'), 'NXDOMAIN');
  assert.equal(ask('db-2.db.default.svc.cluster.local'), 'NOERROR 10.244.0.8');
  const spec = { clusterIP: '10.96.0.99', clusterIPs: ['10.96.0.99'], ports: [{ port: 80 }] };
  const made = { metadata: { name: 'new', namespace: 'default' }, spec } as Stored<Service>;
  informers.put(services, made);
  assert.equal(ask('new.default.svc.cluster.local'), 'NOERROR 10.96.0.99');
  informers.remove(services, made);
  assert.equal(ask('new.default.svc.cluster.local'), 'NXDOMAIN');
  const slice = zoneSlices.find(({ metadata }) => metadata?.name === 'db-ipv4') as Stored<EndpointSlice>;
  informers.put(endpointSlices, { ...slice, endpoints: [{ addresses: ['10.244.0.77'] }] });
  assert.equal(ask(db), 'NOERROR 10.244.0.77');
  assert.equal(ask('db-2.db.default.svc.cluster.local'), 'NXDOMAIN');
  informers.remove<Namespace>(namespaces, { metadata: { name: 'default' } } as Stored<Namespace>);
  assert.equal(ask(db), 'NXDOMAIN');
});

test('names of pods – disabled – do not exist', () => {
  const { responder: disabled } = testZone({ pods: 'disabled' });
  const answer = respond(query('10-1-2-3.default.pod.cluster.local', 'A'), 'udp', disabled);
  assert.equal(inWords(answer ?? Buffer.alloc(0)).code, 'NXDOMAIN');
});

test('names of pods – verified – exist while a pod of their namespace has the address', () => {
  const { informers, responder: verifying } = testZone({ pods: 'verified' });
  const pod = storedPod('web', { status: { podIPs: [{ ip: '10.1.2.3' }] } });
  const ask = (namespace: string) =>
    inWords(
      respond(query(`10-1-2-3.${namespace}.pod.cluster.local`, 'A'), 'udp', verifying) ?? Buffer.alloc(0),
    ).code;
  assert.equal(ask('default'), 'NXDOMAIN');
  informers.put(pods, pod);
  assert.deepEqual([ask('default'), ask('empty')], ['NOERROR', 'NXDOMAIN']);
  informers.remove(pods, pod);
  assert.equal(ask('default'), 'NXDOMAIN');
});
