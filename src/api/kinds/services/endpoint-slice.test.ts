/** EndpointSlices, case by case as in upstream's tables. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changeMessagesOf, created, messagesOf, strategyFor } from '#testing/kind-cases.ts';
import type { AnyObject } from '../../meta/object.ts';

const kind = ['discovery.k8s.io', 'endpointslices'] as const;
const sliceOf = (more: object) =>
  ({ metadata: { name: 'hello', namespace: 'world' }, addressType: 'IPv4', ...more }) as AnyObject;
const port = (more: object = {}) => ({ name: 'http', protocol: 'TCP', ...more });
const many = <T>(count: number, make: (i: number) => T) => Array.from({ length: count }, (_, i) => make(i));
const addresses = (count: number) => many(count, (i) => `1.2.${(i >> 8) & 255}.${i & 255}`);
const at = (addressType: string, ...list: string[]) =>
  sliceOf({ addressType, endpoints: [{ addresses: list }] });
const endpoint = (more: object) => sliceOf({ endpoints: [{ addresses: ['1.2.3.4'], ...more }] });
const hinted = (hints: object) => endpoint({ hints });
const names = (count: number) => many(count, (i) => ({ name: `zone-${i}` }));

const first = 'endpoints[0].addresses';
const noIp = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
const label =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const subdomain =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const labelValue =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const qualified =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const types = 'supported values: "FQDN", "IPv4", "IPv6"';

const cases: readonly [what: string, slice: AnyObject, messages: string[]][] = [
  [
    'of IPv4',
    sliceOf({ ports: [port()], endpoints: [{ addresses: addresses(1), hostname: 'valid-123' }] }),
    [],
  ],
  ['of IPv6', at('IPv6', 'a00:100::4'), []],
  [
    'of names',
    at('FQDN', 'foo.example.com', 'example.com', 'example.com.', 'hyphens-are-good.example.com'),
    [],
  ],
  [
    'of all protocols',
    sliceOf({
      ports: ['TCP', 'UDP', 'SCTP'].map((protocol) => port({ name: protocol.toLowerCase(), protocol })),
    }),
    [],
  ],
  [
    'of application protocols',
    sliceOf({
      ports: ['HTTP', 'https', 'my-protocol', 'example.com/custom-protocol'].map((appProtocol, i) =>
        port({ name: `p${i}`, appProtocol }),
      ),
    }),
    [],
  ],
  ['with a port without a name', sliceOf({ ports: [port({ name: '' }), port()] }), []],
  ['with the longest name of a port', sliceOf({ ports: [port({ name: 'a'.repeat(63) })] }), []],
  ['of nothing', sliceOf({ ports: [], endpoints: [] }), []],
  ['with the most endpoints', sliceOf({ endpoints: many(1000, () => ({ addresses: ['1.2.3.4'] })) }), []],
  ['with the most ports', sliceOf({ ports: many(20_000, (i) => port({ name: `port-${i}` })) }), []],
  ['with the most addresses', at('IPv4', ...addresses(100)), []],
  ['with the most hints', hinted({ forZones: names(8), forNodes: names(8) }), []],
  ['on a node', endpoint({ nodeName: 'valid-node-name' }), []],
  [
    'with a name of a port twice',
    sliceOf({ ports: [port({ name: '' }), port({ name: '' })] }),
    ['ports[1].name: Duplicate value: ""'],
  ],
  ...['aCapital', 'almost_valid'].map((name): [string, AnyObject, string[]] => [
    `with a port named ${name}`,
    sliceOf({ ports: [port({ name })] }),
    [`ports[0].name: Invalid value: "${name}": ${label}`],
  ]),
  [
    'with a name of a port too long',
    sliceOf({ ports: [port({ name: 'a'.repeat(64) })] }),
    [`ports[0].name: Invalid value: "${'a'.repeat(64)}": must be no more than 63 characters`],
  ],
  [
    'of an unknown protocol',
    sliceOf({ ports: [port({ protocol: 'foo' })] }),
    ['ports[0].protocol: Unsupported value: "foo": supported values: "SCTP", "TCP", "UDP"'],
  ],
  [
    'of a bad application protocol',
    sliceOf({ ports: [port({ appProtocol: '--' })] }),
    [`ports[0].appProtocol: Invalid value: "--": ${qualified}`],
  ],
  [
    'with too many ports',
    sliceOf({ ports: many(20_001, (i) => port({ name: `port-${i}` })) }),
    ['ports: Too many: 20001: must have at most 20000 items'],
  ],
  [
    'with too many endpoints',
    sliceOf({ endpoints: many(1001, () => ({ addresses: ['1.2.3.4'] })) }),
    ['endpoints: Too many: 1001: must have at most 1000 items'],
  ],
  ['without addresses', at('IPv4'), [`${first}: Required value: must contain at least 1 address`]],
  [
    'with too many addresses',
    at('IPv4', ...addresses(101)),
    [`${first}: Too many: 101: must have at most 100 items`],
  ],
  [
    'with a bad hostname',
    endpoint({ hostname: '--INVALID' }),
    [`endpoints[0].hostname: Invalid value: "--INVALID": ${label}`],
  ],
  [
    'on a bad node',
    endpoint({ nodeName: 'INVALID_NODE' }),
    [`endpoints[0].nodeName: Invalid value: "INVALID_NODE": ${subdomain}`],
  ],
  [
    'with a bad name',
    { ...sliceOf({}), metadata: { name: '*&^', namespace: 'foo' } },
    [`metadata.name: Invalid value: "*&^": ${subdomain}`],
  ],
  [
    'of IPv4 with other addresses',
    at('IPv4', '123.456.789.012', '2001:4860:4860::8888'),
    [
      `${first}[0]: Invalid value: "123.456.789.012": ${noIp}`,
      `${first}: Invalid value: "2001:4860:4860::8888": must be an IPv4 address`,
    ],
  ],
  [
    'of IPv6 with other addresses',
    at('IPv6', '1.2.3.4', '2001:4860:4860:defg'),
    [
      `${first}: Invalid value: "1.2.3.4": must be an IPv6 address`,
      `${first}[1]: Invalid value: "2001:4860:4860:defg": ${noIp}`,
    ],
  ],
  [
    'of special addresses',
    at('IPv4', '127.0.0.1'),
    [`${first}[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)`],
  ],
  [
    'of special addresses of IPv6',
    at('IPv6', 'fe80::9656:d028:8652:66b6'),
    [
      `${first}[0]: Invalid value: "fe80::9656:d028:8652:66b6": may not be in the link-local range (169.254.0.0/16, fe80::/10)`,
    ],
  ],
  [
    'of bad names',
    at('FQDN', 'foo.*', 'FOO.example.com', 'underscores_are_bad.example.com', '*.example.com'),
    ['foo.*', 'FOO.example.com', 'underscores_are_bad.example.com', '*.example.com'].map(
      (name, i) => `${first}[${i}]: Invalid value: "${name}": ${subdomain}`,
    ),
  ],
  // Then the required type of the addresses is unknown.
  ['of an unknown type', at('IP', 'nonsense'), [`addressType: Unsupported value: "IP": ${types}`]],
  ['of no type', at('', 'nonsense'), ['addressType: Required value']],
  [
    'with nothing in it',
    {} as AnyObject,
    [
      'metadata.name: Required value: name or generateName is required',
      'metadata.namespace: Required value',
      'addressType: Required value',
    ],
  ],
  [
    'with too many zones',
    hinted({ forZones: names(9), forNodes: names(9) }),
    ['endpoints[0].hints.forZones: Too many: 9: must have at most 8 items'],
  ],
  [
    'with too many nodes to serve',
    hinted({ forNodes: names(9) }),
    ['endpoints[0].hints.forNodes: Too many: 9: must have at most 8 items'],
  ],
  [
    'with zones twice and bad',
    hinted({ forZones: [{ name: 'a' }, { name: 'a' }, { name: 'inv@lid' }] }),
    [
      'endpoints[0].hints.forZones[1].name: Duplicate value: "a"',
      `endpoints[0].hints.forZones[2].name: Invalid value: "inv@lid": ${labelValue}`,
    ],
  ],
  [
    'with nodes to serve twice and bad',
    hinted({ forNodes: [{ name: 'a' }, { name: 'a' }, { name: 'A' }] }),
    [
      'endpoints[0].hints.forNodes[1].name: Duplicate value: "a"',
      `endpoints[0].hints.forNodes[2].name: Invalid value: "A": ${subdomain}`,
    ],
  ],
];

for (const [what, slice, messages] of cases) {
  test(`a slice – ${what} – has its messages`, () => {
    assert.deepEqual(messagesOf(...kind, slice), messages);
  });
}

test('a slice – updated – its type is immutable, its addresses are not', () => {
  const old = at('IPv4', '10.1.2.3');
  assert.deepEqual(changeMessagesOf(...kind, at('IPv4', '10.1.2.4'), old), []);
  assert.deepEqual(changeMessagesOf(...kind, at('IPv6', '2001:db8::1'), old), [
    'addressType: Invalid value: "IPv6": field is immutable',
  ]);
});

test('a slice – with the deprecated topology – loses it', () => {
  const deprecatedTopology = { 'kubernetes.io/hostname': 'n', 'topology.kubernetes.io/zone': 'z' };
  const slice = endpoint({ deprecatedTopology });
  const without = (slice: AnyObject) =>
    (slice['endpoints'] as object[]).map((each) => 'deprecatedTopology' in each);
  assert.deepEqual(without(created(...kind, slice)), [false]);
  const { prepareForUpdate } = strategyFor(...kind);
  const same = structuredClone(slice);
  prepareForUpdate!(same, slice, '2026-01-01T00:00:00Z');
  assert.deepEqual(without(same), [true]);
  const moved = endpoint({ deprecatedTopology, nodeName: 'other' });
  prepareForUpdate!(moved, slice, '2026-01-01T00:00:00Z');
  assert.deepEqual(without(moved), [false]);
});

test('an endpoint slice – of domain names, or with odd addresses – causes warnings', () => {
  const { warnings } = strategyFor(...kind);
  const names = at('FQDN', 'a.example');
  assert.deepEqual(warnings!(names), ['spec.addressType: FQDN endpoints are deprecated']);
  assert.deepEqual(warnings!(names, names), [], 'again');
  const odd = at('IPv6', 'fd00:0::1');
  assert.deepEqual(warnings!(odd, odd), [
    'endpoints[0].addresses[0]: IPv6 address "fd00:0::1" should be in RFC 5952 canonical format ("fd00::1")',
  ]);
  const labels = { 'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io' };
  assert.deepEqual(warnings!({ ...odd, metadata: { labels } } as AnyObject), []);
});
