/** Endpoints, case by case as in upstream's tables. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changeMessagesOf, messagesOf } from '#testing/kind-cases.ts';
import type { AnyObject } from '../../meta/object.ts';

const endpointsOf = (...subsets: object[]) =>
  ({ metadata: { name: 'mysvc', namespace: 'namespace' }, subsets }) as AnyObject;
const addresses = [{ ip: '10.10.1.1' }];
const port = (more: object = {}) => ({ name: 'a', port: 93, protocol: 'TCP', ...more });
const without = (key: string) => port({ [key]: undefined });
const at = 'subsets[0].addresses[0]';
const portAt = 'subsets[0].ports[0]';
const noIp = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
const noName =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const noSubdomain =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const brackets = '[2001:0db8:85a3:0042:1000:8a2e:0370:7334]';

const cases: readonly [what: string, subsets: object[], messages: string[]][] = [
  ['none', [], []],
  [
    'two subsets',
    [
      {
        addresses: [{ ip: '10.10.1.1' }, { ip: '10.10.2.2' }],
        ports: [port(), port({ name: 'b', port: 309 })],
      },
      { addresses: [{ ip: '10.10.3.3' }], ports: [port()] },
    ],
    [],
  ],
  ['one port without a name', [{ addresses, ports: [without('name')] }], []],
  ['a protocol of the application', [{ addresses, ports: [port({ appProtocol: 'HTTP' })] }], []],
  ['no ports', [{ addresses }], []],
  [
    'no addresses',
    [{ ports: [port()] }],
    ['subsets[0]: Required value: must specify `addresses` or `notReadyAddresses`'],
  ],
  [
    'an address in brackets',
    [{ addresses: [{ ip: brackets }] }],
    [
      `${at}.ip: Invalid value: "${brackets}": ${noIp}`,
      `${at}.ip: Invalid value: "${brackets}": must be a valid IP address`,
    ],
  ],
  [
    'an address of nothing',
    [{ addresses: [{}] }],
    [`${at}.ip: Invalid value: "": ${noIp}`, `${at}.ip: Invalid value: "": must be a valid IP address`],
  ],
  [
    'one of two ports without a name',
    [{ addresses, ports: [without('name'), port({ name: 'b' })] }],
    [`${portAt}.name: Required value`],
  ],
  [
    'a port number too high',
    [{ addresses, ports: [port({ port: 66000 })] }],
    [`${portAt}.port: Invalid value: 66000: must be between 1 and 65535, inclusive`],
  ],
  [
    'no port number',
    [{ addresses, ports: [without('port')] }],
    [`${portAt}.port: Invalid value: 0: must be between 1 and 65535, inclusive`],
  ],
  [
    'an unknown protocol',
    [{ addresses, ports: [port({ protocol: 'Protocol' })] }],
    [`${portAt}.protocol: Unsupported value: "Protocol": supported values: "SCTP", "TCP", "UDP"`],
  ],
  ['no protocol', [{ addresses, ports: [without('protocol')] }], [`${portAt}.protocol: Required value`]],
  [
    'a bad protocol of the application',
    [{ addresses, ports: [port({ appProtocol: '~https' })] }],
    [`${portAt}.appProtocol: Invalid value: "~https": ${noName}`],
  ],
  ...(
    [
      ['127.0.0.1', 'may not be in the loopback range (127.0.0.0/8, ::1/128)'],
      ['169.254.169.254', 'may not be in the link-local range (169.254.0.0/16, fe80::/10)'],
      ['224.0.0.1', 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)'],
      ['0.0.0.0', 'may not be unspecified (0.0.0.0)'],
    ] as const
  ).map(([ip, text]): [string, object[], string[]] => [
    `the special address ${ip}`,
    [{ addresses: [{ ip }] }],
    [`${at}.ip: Invalid value: "${ip}": ${text}`],
  ]),
  ['a node named like an address', [{ addresses: [{ ip: '10.10.1.1', nodeName: '10.10.1.1' }] }], []],
  [
    'a bad name of a node',
    [{ addresses: [{ ip: '10.10.1.1', nodeName: 'illegal*.nodename' }] }],
    [`${at}.nodeName: Invalid value: "illegal*.nodename": ${noSubdomain}`],
  ],
];

for (const [what, subsets, messages] of cases) {
  test(`endpoints – ${what} – have their messages`, () => {
    assert.deepEqual(messagesOf('', 'endpoints', endpointsOf(...subsets)), messages);
  });
}

test('an address – moves to another node – is valid', () => {
  const on = (nodeName: string) => endpointsOf({ addresses: [{ ip: '8.8.8.8', nodeName }] });
  assert.deepEqual(changeMessagesOf('', 'endpoints', on('two'), on('one')), []);
});
