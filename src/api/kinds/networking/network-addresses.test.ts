/** Addresses and ranges: valid forms, old forms that may stay, and warnings. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changed, created, runCases, strategyFor } from '#testing/kind-cases.ts';
import type { AnyObject } from '../../meta/object.ts';
import { fieldErrorMessage } from '../../validation/field-error.ts';

const metadata = { name: 'web', namespace: 'default', uid: 'u1' };
const balancer = {
  metadata,
  spec: { type: 'LoadBalancer', ports: [{ port: 80, nodePort: 30080 }], clusterIP: '10.96.0.10' },
};

runCases([
  {
    kind: ['', 'services'],
    valid: balancer,
    create: [
      [
        { 'spec.externalIPs': ['010.1.2.3', '::ffff:1.2.3.4', '10.1.2', '127.0.0.1'] },
        [
          'spec.externalIPs[0]: Invalid value: "010.1.2.3": must not have leading 0s',
          'spec.externalIPs[1]: Invalid value: "::ffff:1.2.3.4": must not be an IPv4-mapped IPv6 address',
          'spec.externalIPs[2]: Invalid value: "10.1.2": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
          'spec.externalIPs[3]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
        ],
      ],
      [
        {
          'spec.loadBalancerSourceRanges': [
            ' 10.0.0.0/8 ',
            '10.1.0.0/8',
            '10.0.0.0/08',
            '::ffff:1.2.3.0/120',
          ],
        },
        [
          'spec.LoadBalancerSourceRanges[1]: Invalid value: "10.1.0.0/8": must not have bits set beyond the prefix length',
          'spec.LoadBalancerSourceRanges[2]: Invalid value: "10.0.0.0/08": must not have leading 0s in IP or prefix length',
          'spec.LoadBalancerSourceRanges[3]: Invalid value: "::ffff:1.2.3.0/120": must not have an IPv4-mapped IPv6 address',
        ],
      ],
      [
        {
          'metadata.annotations': {
            'service.beta.kubernetes.io/load-balancer-source-ranges': '10.0.0.0/8, x',
          },
        },
        [
          'metadata.annotations[service.beta.kubernetes.io/load-balancer-source-ranges]: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
        ],
      ],
      [
        {
          'metadata.annotations': {
            'service.kubernetes.io/topology-aware-hints': 'auto',
            'service.kubernetes.io/topology-mode': 'off',
          },
        },
        [
          'metadata.annotations[service.kubernetes.io/topology-mode]: Invalid value: "off": must match annotations[service.kubernetes.io/topology-aware-hints] when both are specified',
        ],
      ],
    ],
    update: [],
  },
  {
    kind: ['discovery.k8s.io', 'endpointslices'],
    valid: { metadata, addressType: 'IPv4', endpoints: [{ addresses: ['10.1.2.3'] }], ports: [] },
    create: [
      [
        { 'endpoints.0.addresses': ['fd00::1', '10.1.2.03'] },
        [
          'endpoints[0].addresses: Invalid value: "fd00::1": must be an IPv4 address',
          'endpoints[0].addresses[1]: Invalid value: "10.1.2.03": must not have leading 0s',
        ],
      ],
    ],
    update: [],
  },
  {
    kind: ['networking.k8s.io', 'networkpolicies'],
    valid: {
      metadata,
      spec: { podSelector: {}, ingress: [{ from: [{ ipBlock: { cidr: '10.0.0.0/8' } }] }] },
    },
    create: [
      [
        { 'spec.ingress.0.from.0.ipBlock': { cidr: '10.1.0.0/8', except: ['10.2.3.4/16'] } },
        [
          'spec.ingress[0].from[0].ipBlock.cidr: Invalid value: "10.1.0.0/8": must not have bits set beyond the prefix length',
          'spec.ingress[0].from[0].ipBlock.except[0]: Invalid value: "10.2.3.4/16": must not have bits set beyond the prefix length',
        ],
      ],
    ],
    update: [],
  },
]);

function updateMessages(group: string, resource: string, now: AnyObject, old: AnyObject): string[] {
  return strategyFor(group, resource).validateUpdate!(now, old).map((error) => fieldErrorMessage(error));
}

test('an address – stored before the rules were strict – may stay', () => {
  const old = changed(created('', 'services', balancer), {
    'spec.externalIPs': ['010.1.2.3'],
    'spec.loadBalancerSourceRanges': ['10.1.0.0/8'],
  });
  const now = changed(old, { 'spec.externalIPs': ['10.4.5.6', '010.1.2.3'] });
  assert.deepEqual(updateMessages('', 'services', now, old), []);
  const policy = {
    metadata,
    spec: { podSelector: {}, policyTypes: [], egress: [{ to: [{ ipBlock: { cidr: '10.1.0.0/8' } }] }] },
  };
  assert.deepEqual(updateMessages('networking.k8s.io', 'networkpolicies', policy, policy), []);
});

test('endpoints – an address is added – all are validated', () => {
  const old = { metadata, subsets: [{ addresses: [{ ip: '010.1.2.3' }] }] };
  assert.deepEqual(updateMessages('', 'endpoints', changed(old, { 'metadata.labels': { a: 'b' } }), old), []);
  const more = changed(old, { 'subsets.0.addresses.1': { ip: '10.1.2.4' } });
  assert.deepEqual(updateMessages('', 'endpoints', more, old), [
    'subsets[0].addresses[0].ip: Invalid value: "010.1.2.3": must not have leading 0s',
  ]);
});

test('unusual forms of IPv6 – cause warnings', () => {
  const service = changed(balancer, {
    'spec.externalIPs': ['2001:DB8::0:1', '2001:db8::1', '10.1.2.3'],
    'spec.loadBalancerSourceRanges': ['2001:DB8::/32', '2001:db8::/32'],
    'metadata.annotations': { 'service.kubernetes.io/topology-aware-hints': 'auto' },
  });
  assert.deepEqual(strategyFor('', 'services').warnings!(service), [
    'annotation service.kubernetes.io/topology-aware-hints is deprecated, please use service.kubernetes.io/topology-mode instead',
    'spec.externalIPs[0]: IPv6 address "2001:DB8::0:1" should be in RFC 5952 canonical format ("2001:db8::1")',
    'spec.externalIPs is deprecated and may no longer be implemented in some clusters',
    'spec.loadBalancerSourceRanges[0]: IPv6 CIDR value "2001:DB8::/32" should be in RFC 5952 canonical format ("2001:db8::/32")',
  ]);
});
