/** Services, case by case as in upstream's tables: the number of errors for each, and some messages. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changed, strategyFor } from '#testing/kind-cases.ts';
import type { AnyObject } from '../../meta/object.ts';
import { fieldErrorMessage } from '../../validation/field-error.ts';

const { validate, validateUpdate } = strategyFor('', 'services');

/** As it is after defaulting and before addresses are allocated. */
const valid: AnyObject = {
  metadata: { name: 'valid', namespace: 'valid' },
  spec: {
    selector: { key: 'val' },
    sessionAffinity: 'None',
    type: 'ClusterIP',
    ports: [{ name: 'p', protocol: 'TCP', port: 8675, targetPort: 8675 }],
    internalTrafficPolicy: 'Cluster',
  },
};

type Changes = Record<string, unknown>;
type Case = readonly [what: string, changes: Changes, wrong: number];

const port = (more: object) => ({ protocol: 'TCP', targetPort: 12345, port: 12345, ...more });
const withPorts = (...more: object[]) =>
  Object.fromEntries(more.map((fields, i) => [`spec.ports.${i + 1}`, port(fields)]));
const cluster = { 'spec.externalTrafficPolicy': 'Cluster' };
const nodePort = { 'spec.type': 'NodePort', ...cluster };
const balancer = { 'spec.type': 'LoadBalancer', ...cluster, 'spec.allocateLoadBalancerNodePorts': true };
const localBalancer = { ...balancer, 'spec.externalTrafficPolicy': 'Local' };
const external = { 'spec.type': 'ExternalName', 'spec.externalName': 'foo.bar.example.com' };
const ips = (...list: string[]) => ({ 'spec.clusterIP': list[0], 'spec.clusterIPs': list });
const headless = ips('None');
const ranges = 'service.beta.kubernetes.io/load-balancer-source-ranges';
const annotated = (value: string) => ({ 'metadata.annotations': { [ranges]: value } });
const sourceRanges = (...list: string[]) => ({ 'spec.loadBalancerSourceRanges': list });
const stack = (policy: string, ...families: string[]) => ({
  'spec.ipFamilyPolicy': policy,
  ...(families.length > 0 ? { 'spec.ipFamilies': families } : {}),
});
const families = (...list: string[]) => ({ 'spec.ipFamilies': list });
const [v4, v6, garbage] = ['10.0.0.1', '2001::1', 'garbage-ip'];

const creations: readonly Case[] = [
  ['nothing changed', {}, 0],
  ['no namespace', { 'metadata.namespace': '' }, 1],
  ['a bad namespace', { 'metadata.namespace': '-123' }, 1],
  ['no name', { 'metadata.name': '' }, 1],
  ['a bad name', { 'metadata.name': '-123' }, 1],
  ['a name too long', { 'metadata.name': 'a'.repeat(64) }, 1],
  ['a bad prefix', { 'metadata.generateName': '-123' }, 1],
  ['a prefix too long', { 'metadata.generateName': 'a'.repeat(64) }, 1],
  ['a bad label', { 'metadata.labels': { 'a=b': 'bar' } }, 1],
  ['a bad annotation', { 'metadata.annotations': { 'a=b': 'bar' } }, 1],
  ['no selector', { 'spec.selector': undefined }, 0],
  ['a bad selector', { 'spec.selector': { 'a=b': 'bar' } }, 1],
  ['no affinity', { 'spec.sessionAffinity': '' }, 1],
  ['no type', { 'spec.type': '' }, 1],
  ['no ports', { 'spec.ports': undefined }, 1],
  ['headless without ports', { 'spec.ports': undefined, ...headless }, 0],
  ['one port without a name', { 'spec.ports.0.name': '' }, 0],
  ['the second of two without a name', withPorts({ name: '' }), 1],
  ['the first of two without a name', { 'spec.ports.0.name': '', ...withPorts({ name: 'p' }) }, 1],
  ['a bad name of a port', { 'spec.ports.0.name': 'INVALID' }, 1],
  ['no protocol', { 'spec.ports.0.protocol': '' }, 1],
  ['an unknown protocol', { 'spec.ports.0.protocol': 'INVALID' }, 1],
  ['a bad cluster IP', ips('invalid'), 1],
  ['no port number', { 'spec.ports.0.port': 0 }, 1],
  ['a port number too high', { 'spec.ports.0.port': 65536 }, 1],
  ['a target too high', { 'spec.ports.0.targetPort': 65536 }, 1],
  ['headless, target equal', { 'spec.ports.0': port({}), ...headless }, 0],
  ['headless, target other', { 'spec.ports.0.targetPort': 11721, ...headless }, 0],
  ['headless, target named', { 'spec.ports.0.targetPort': 'target', ...headless }, 0],
  ['external IP of the loopback', { ...cluster, 'spec.externalIPs': ['127.0.0.1'] }, 1],
  ['external IP unspecified', { ...cluster, 'spec.externalIPs': ['0.0.0.0'] }, 1],
  ['a host as external IP', { ...cluster, 'spec.externalIPs': ['myhost.mydomain'] }, 1],
  ['external IP', { ...cluster, 'spec.externalIPs': ['1.2.3.4'] }, 0],
  ['a name twice', withPorts({ name: 'p' }), 1],
  ['balanced UDP', { ...balancer, 'spec.ports.0.protocol': 'UDP' }, 0],
  ['balanced of both protocols', { ...balancer, ...withPorts({ name: 'q', protocol: 'UDP' }) }, 0],
  ['a named target', { 'spec.ports.0.targetPort': 'http' }, 0],
  ['headless', headless, 0],
  ['balanced', balancer, 0],
  ['balanced without node ports', { ...balancer, 'spec.allocateLoadBalancerNodePorts': false }, 0],
  ['balanced, not said with or without node ports', { 'spec.type': 'LoadBalancer', ...cluster }, 1],
  ['balanced, two ports', { ...balancer, ...withPorts({ name: 'q' }) }, 0],
  [
    'a node port twice',
    { ...nodePort, ...withPorts({ name: 'q', port: 1, nodePort: 1 }, { name: 'r', port: 2, nodePort: 1 }) },
    1,
  ],
  [
    'a node port for each protocol',
    {
      ...nodePort,
      ...withPorts(
        { name: 'q', port: 1, nodePort: 1 },
        { name: 'r', port: 2, nodePort: 1, protocol: 'UDP' },
        { name: 's', port: 3, nodePort: 1, protocol: 'SCTP' },
      ),
    },
    0,
  ],
  ['a port twice', withPorts({ name: 'q', targetPort: 8080 }, { name: 'r', targetPort: 80 }), 1],
  [
    'a port for each protocol',
    withPorts({ name: 'q' }, { name: 'r', protocol: 'UDP' }, { name: 's', protocol: 'SCTP' }),
    0,
  ],
  ['node ports', nodePort, 0],
  ['balanced with node port', { ...balancer, ...withPorts({ name: 'q', nodePort: 12345 }) }, 0],
  ['node ports, one given', { ...nodePort, ...withPorts({ name: 'q', nodePort: 12345 }) }, 0],
  ['node port of a cluster IP', withPorts({ name: 'q', nodePort: 12345 }), 1],
  ['balanced, the port of kubelets', { ...balancer, ...withPorts({ name: 'kubelet', port: 10250 }) }, 0],
  ['ranges by annotation', { ...balancer, ...annotated('1.2.3.0/24,  5.6.0.0/16') }, 0],
  ['no ranges by annotation', { ...balancer, ...annotated('') }, 0],
  ['blank ranges by annotation', { ...balancer, ...annotated('  ') }, 0],
  ['a host among ranges by annotation', { ...balancer, ...annotated('foo.bar') }, 1],
  ['a bad range by annotation', { ...balancer, ...annotated('1.2.3.4/33') }, 1],
  ['ranges by annotation, not balanced', annotated('1.2.3.0/24'), 1],
  ['no ranges by annotation, not balanced', annotated(''), 1],
  ['ranges', { ...balancer, ...sourceRanges('1.2.3.0/24', '5.6.0.0/16') }, 0],
  ['ranges with blanks', { ...balancer, ...sourceRanges('1.2.3.0/24  ', ' 5.6.0.0/16') }, 0],
  ['a blank range', { ...balancer, ...sourceRanges('   ') }, 1],
  ['a host among ranges', { ...balancer, ...sourceRanges('foo.bar') }, 1],
  ['a bad range', { ...balancer, ...sourceRanges('1.2.3.4/33') }, 1],
  ['ranges, not balanced', sourceRanges('1.2.3.0/24', '5.6.0.0/16'), 1],
  [
    'bad ranges by annotation beside good ones',
    { ...balancer, ...annotated('foo.bar'), ...sourceRanges('1.2.3.0/24') },
    0,
  ],
  ['external name', external, 0],
  ['external name with final dot', { ...external, 'spec.externalName': 'foo.bar.example.com.' }, 0],
  ['external name with address', { ...external, ...ips('1.2.3.4') }, 1],
  ['headless external name', { ...external, ...headless }, 1],
  ['a bad external name', { ...external, 'spec.externalName': '-123' }, 1],
  ['headless and balanced', { ...balancer, ...headless }, 1],
  ['headless with node ports', { ...nodePort, ...headless, ...withPorts({ name: 'q', nodePort: 1 }) }, 1],
  ['an unknown external policy', { ...balancer, 'spec.externalTrafficPolicy': 'invalid' }, 1],
  ['no internal policy', { 'spec.internalTrafficPolicy': undefined }, 1],
  ['no internal policy of an external name', { ...external, 'spec.internalTrafficPolicy': undefined }, 0],
  ['an unknown internal policy', { 'spec.internalTrafficPolicy': 'invalid' }, 1],
  ['internal policy Local', { 'spec.internalTrafficPolicy': 'Local' }, 0],
  ['a health check port below zero', { ...localBalancer, 'spec.healthCheckNodePort': -1 }, 1],
  ['a health check port', { ...localBalancer, 'spec.healthCheckNodePort': 31100 }, 0],
  [
    'affinity for less than no time',
    {
      'spec.sessionAffinity': 'ClientIP',
      'spec.sessionAffinityConfig': { clientIP: { timeoutSeconds: -1 } },
    },
    1,
  ],
  [
    'time of no affinity',
    { ...balancer, 'spec.sessionAffinityConfig': { clientIP: { timeoutSeconds: 90 } } },
    1,
  ],
  ['an unknown family', families('none'), 1],
  ['an unknown second family', stack('RequireDualStack', 'IPv4', 'none'), 1],
  ['single stack of two families', stack('SingleStack', 'IPv4', 'IPv6'), 0],
  ['dual stack preferred', stack('PreferDualStack', 'IPv4', 'IPv6'), 0],
  ['three families', stack('RequireDualStack', 'IPv4', 'IPv6', 'IPv4'), 1],
  ['a family twice', stack('RequireDualStack', 'IPv6', 'IPv6'), 1],
  ['one family, IPv4', families('IPv4'), 0],
  ['one family, IPv6', families('IPv6'), 0],
  ['dual stack', stack('RequireDualStack', 'IPv6', 'IPv4'), 0],
  ['dual stack preferred of one family', stack('PreferDualStack', 'IPv6'), 0],
  ['a bad address', ips(garbage), 1],
  ['two bad addresses', { ...stack('RequireDualStack'), ...ips(garbage, 'garbage-second-ip') }, 2],
  ['a bad first address', { ...stack('RequireDualStack'), ...ips(garbage, v6) }, 1],
  ['a bad second address', { ...stack('RequireDualStack'), ...ips(v6, garbage) }, 1],
  ['None before an address', { ...stack('RequireDualStack'), ...ips('None', v6) }, 1],
  ['None after an address', { ...stack('RequireDualStack'), ...ips(v6, 'None') }, 1],
  ['nothing before an address', { ...stack('RequireDualStack'), ...ips('', v6) }, 2],
  ['nothing after an address', { ...stack('RequireDualStack'), ...ips(v6, '') }, 1],
  ['two IPv6', { ...stack('RequireDualStack', 'IPv4', 'IPv6'), ...ips(v6, '2001::4') }, 2],
  ['two IPv4', { ...stack('RequireDualStack', 'IPv4', 'IPv6'), ...ips(v4, '10.0.0.10') }, 2],
  ['three addresses', { ...stack('RequireDualStack', 'IPv4', 'IPv6'), ...ips(v4, v6, '10.0.0.10') }, 1],
  ['two addresses of single stack', { ...stack('SingleStack', 'IPv4', 'IPv6'), ...ips(v4, v6) }, 0],
  [
    'headless, of two families, without selector',
    { ...stack('RequireDualStack', 'IPv4', 'IPv6'), ...headless, 'spec.selector': undefined },
    0,
  ],
  ['two addresses, one family named, preferred', { ...stack('PreferDualStack', 'IPv4'), ...ips(v4, v6) }, 0],
  ['two addresses, one family named, required', { ...stack('RequireDualStack', 'IPv4'), ...ips(v4, v6) }, 0],
  ['an IPv4 address of the other family', { ...families('IPv6'), ...ips(v4) }, 1],
  ['an IPv6 address of the other family', { ...families('IPv4'), ...ips(v6) }, 1],
  ['one address', { ...stack('SingleStack'), ...ips(v4) }, 0],
  ['one address and its family', { ...stack('SingleStack', 'IPv6'), ...ips(v6) }, 0],
  ['one address of two families', { ...stack('RequireDualStack', 'IPv4', 'IPv6'), ...ips(v4) }, 0],
  ['two addresses of two families', { ...stack('RequireDualStack', 'IPv6', 'IPv4'), ...ips(v6, v4) }, 0],
  ['two addresses', { ...stack('RequireDualStack'), ...ips(v6, v4) }, 0],
  ['dual stack of no family', stack('RequireDualStack'), 0],
  ['an application protocol', { 'spec.ports.0.appProtocol': 'HTTP' }, 0],
  ['an application protocol with a domain', { 'spec.ports.0.appProtocol': 'example.com/protocol' }, 0],
  ['a bad application protocol', { 'spec.ports.0.appProtocol': 'example.com/with{braces}[brackets]' }, 1],
  [
    'a first address that is not the address, of two',
    { ...stack('RequireDualStack'), 'spec.clusterIP': '10.0.0.10', 'spec.clusterIPs': [v4, v6] },
    1,
  ],
  ['a first address that is not the address', { 'spec.clusterIP': '10.0.0.10', 'spec.clusterIPs': [v4] }, 1],
  ['node ports allocated for a balancer that is none', { 'spec.allocateLoadBalancerNodePorts': true }, 1],
  ['a class of balancers', { ...balancer, 'spec.loadBalancerClass': 'test.com/class' }, 0],
  ['a bad class of balancers', { ...balancer, 'spec.loadBalancerClass': 'Bad/Class' }, 1],
  ['a class of balancers, not balanced', { 'spec.loadBalancerClass': 'test.com/class' }, 1],
  [
    'two annotations that do not agree',
    {
      'metadata.annotations': {
        'service.kubernetes.io/topology-aware-hints': 'original',
        'service.kubernetes.io/topology-mode': 'different',
      },
    },
    1,
  ],
  ['traffic kept close', { 'spec.trafficDistribution': 'PreferClose' }, 0],
  ['traffic at random', { 'spec.trafficDistribution': 'Random' }, 1],
  ['external policy of node ports', { ...nodePort, 'spec.externalTrafficPolicy': 'Local' }, 0],
  ['a health check port without Local', { ...balancer, 'spec.healthCheckNodePort': 34567 }, 1],
  [
    'a health check port of node ports',
    { ...nodePort, 'spec.externalTrafficPolicy': 'Local', 'spec.healthCheckNodePort': 34567 },
    1,
  ],
  [
    'external policy and health check port of a cluster IP',
    { 'spec.externalTrafficPolicy': 'Local', 'spec.healthCheckNodePort': 34567 },
    2,
  ],
  ['external policy of an external name', { ...external, 'spec.externalTrafficPolicy': 'Local' }, 1],
  ['no external policy of node ports', { 'spec.type': 'NodePort' }, 1],
  ['no external policy of external IPs', { 'spec.externalIPs': ['1.2.3.4'] }, 1],
];

function messagesOf(changes: Changes): string[] {
  return validate!(changed(valid, changes)).map((error) => fieldErrorMessage(error));
}

for (const [what, changes, wrong] of creations) {
  test(`a service created – ${what} – has its errors`, () => {
    const messages = messagesOf(changes);
    assert.equal(messages.length, wrong, messages.join('\n'));
  });
}

type Update = readonly [what: string, before: Changes, now: Changes, wrong: number];

const typed = (type: string): Changes =>
  ({ ClusterIP: {}, NodePort: nodePort, LoadBalancer: balancer, ExternalName: { 'spec.type': type } })[type]!;
const classed = (name: string): Changes => ({ ...balancer, 'spec.loadBalancerClass': name });
const noIps = { 'spec.clusterIP': undefined, 'spec.clusterIPs': undefined };

/** A service with an address keeps it, whatever type it gets; one without may get one. */
const addressesKept = ['ClusterIP', 'NodePort', 'LoadBalancer'].flatMap((before) =>
  ['ClusterIP', 'NodePort', 'LoadBalancer'].flatMap((now): Update[] => [
    [
      `${before} to ${now} with another address`,
      { ...typed(before), ...ips('1.2.3.4') },
      { ...typed(now), ...ips('1.2.3.5') },
      1,
    ],
    [
      `${before} to ${now} with a first address`,
      { ...typed(before), ...noIps },
      { ...typed(now), ...ips('1.2.3.5') },
      0,
    ],
  ]),
);

const single = { ...ips('1.2.3.4'), ...stack('SingleStack', 'IPv4') };
const dual = { ...ips('1.2.3.4', v6), ...stack('RequireDualStack', 'IPv4', 'IPv6') };

const updates: readonly Update[] = [
  ['nothing changed', {}, {}, 0],
  ['another name', {}, { 'metadata.name': 'valid2' }, 2],
  ['another namespace', {}, { 'metadata.namespace': 'valid2' }, 2],
  ['another label', {}, { 'metadata.labels': { key: 'other' } }, 0],
  ['the address taken away', ips('1.2.3.4'), noIps, 1],
  [
    'affinity',
    {},
    {
      'spec.sessionAffinity': 'ClientIP',
      'spec.sessionAffinityConfig': { clientIP: { timeoutSeconds: 90 } },
    },
    0,
  ],
  ['no affinity', {}, { 'spec.sessionAffinity': '' }, 1],
  ['no type', {}, { 'spec.type': '' }, 1],
  ['ranges', balancer, { ...balancer, ...sourceRanges('10.0.0.0/8') }, 0],
  [
    'other ranges',
    { ...balancer, ...sourceRanges('10.0.0.0/8') },
    { ...balancer, ...sourceRanges('10.100.0.0/16') },
    0,
  ],
  ['headless and balanced', {}, { ...balancer, ...headless }, 1],
  ['headless no more', headless, ips('1.2.3.4'), 1],
  ['headless, the address taken away', headless, noIps, 1],
  ['headless from now on', ips('1.2.3.4'), headless, 1],
  ...addressesKept,
  ['no more node ports', balancer, { ...balancer, 'spec.allocateLoadBalancerNodePorts': false }, 0],
  [
    'another address after an external name',
    { ...typed('ExternalName'), ...ips('1.2.3.4') },
    ips('1.2.3.5'),
    0,
  ],
  ['a first address after an external name', typed('ExternalName'), ips('1.2.3.5'), 0],
  [
    'headless with node ports',
    { ...nodePort, ...withPorts({ name: 'q', nodePort: 1 }) },
    { ...nodePort, ...withPorts({ name: 'q', nodePort: 1 }), ...headless },
    1,
  ],
  ['to an external name with all it had', single, { ...external, ...single }, 3],
  ['to an external name', single, external, 0],
  ['the same family', families('IPv4'), families('IPv4'), 0],
  ['single stack from now on', families('IPv4'), stack('SingleStack', 'IPv4'), 0],
  ['dual stack from now on', stack('SingleStack', 'IPv4'), stack('RequireDualStack', 'IPv4'), 0],
  ['a second family', stack('RequireDualStack', 'IPv4'), stack('RequireDualStack', 'IPv4', 'IPv6'), 0],
  ['a first family', {}, families('IPv6'), 0],
  [
    'another family',
    { ...families('IPv4'), ...ips('1.2.3.4') },
    { ...families('IPv6'), ...ips('1.2.3.4') },
    2,
  ],
  ['dual stack preferred', single, { ...single, ...stack('PreferDualStack', 'IPv4') }, 0],
  ['dual stack without its address', single, { ...single, ...stack('RequireDualStack', 'IPv4', 'IPv6') }, 0],
  ['dual stack with its address', single, dual, 0],
  ['single stack again', dual, single, 0],
  [
    'other families of a headless one',
    { ...headless, ...stack('RequireDualStack', 'IPv4', 'IPv6') },
    { ...headless, ...stack('RequireDualStack', 'IPv6', 'IPv4') },
    0,
  ],
  [
    'dual stack of a headless one',
    { ...headless, ...stack('SingleStack', 'IPv4') },
    { ...headless, ...stack('RequireDualStack', 'IPv6', 'IPv4') },
    0,
  ],
  [
    'single stack of a headless one',
    { ...headless, ...stack('RequireDualStack', 'IPv4', 'IPv6') },
    { ...headless, ...stack('SingleStack', 'IPv6') },
    0,
  ],
  ['families turned round', dual, { ...ips(v6, '1.2.3.5'), ...stack('RequireDualStack', 'IPv6', 'IPv4') }, 4],
  ['another first address of two', dual, { ...dual, ...ips('1.2.3.5', v6) }, 1],
  ['another second address', dual, { ...dual, ...ips('1.2.3.4', '2002::1') }, 1],
  ['single stack, still of two families', dual, { ...single, ...stack('SingleStack', 'IPv4', 'IPv6') }, 0],
  ['the second family gone without a word', dual, { ...single, ...stack('RequireDualStack', 'IPv4') }, 2],
  ['single stack of another address', dual, { ...single, ...ips('1.2.3.5') }, 1],
  ['dual stack of another address', single, { ...dual, ...ips('1.2.3.5') }, 1],
  ['a bad application protocol', {}, { 'spec.ports.0.appProtocol': '~https' }, 1],
  ['node ports allocated for a balancer that is none', {}, { 'spec.allocateLoadBalancerNodePorts': true }, 1],
  ['the class of balancers kept', classed('test.com/old'), classed('test.com/old'), 0],
  ['another class of balancers', classed('test.com/old'), classed('test.com/new'), 1],
  ['no class of balancers any more', classed('test.com/old'), balancer, 1],
  ['a class of balancers for a balancer', balancer, classed('test.com/new'), 1],
  ['balanced by a class', {}, classed('test.com/new'), 0],
  ['balanced by a bad class', {}, classed('Bad/Class'), 2],
  ['a class of balancers, not balanced', {}, { 'spec.loadBalancerClass': 'test.com/class' }, 2],
  [
    'a class of balancers of an external name',
    typed('ExternalName'),
    { ...typed('ExternalName'), 'spec.loadBalancerClass': 'test.com/class' },
    3,
  ],
  [
    'a class of balancers, balanced no more',
    classed('test.com/old'),
    { ...nodePort, 'spec.loadBalancerClass': 'test.com/old' },
    2,
  ],
  ['internal policy Local', {}, { 'spec.internalTrafficPolicy': 'Local' }, 0],
];

test('a health check port – of a service – is immutable', () => {
  const before = changed(valid, { ...localBalancer, 'spec.healthCheckNodePort': 31100 });
  const now = changed(before, { 'spec.healthCheckNodePort': 31101 });
  assert.deepEqual(
    validateUpdate!(now, before).map((error) => fieldErrorMessage(error)),
    ['spec.healthCheckNodePort: Forbidden: field is immutable'],
  );
});

for (const [what, before, now, wrong] of updates) {
  test(`a service updated – ${what} – has its errors`, () => {
    const errors = validateUpdate!(changed(valid, now), changed(valid, before));
    const messages = errors.map((error) => fieldErrorMessage(error));
    assert.equal(messages.length, wrong, messages.join('\n'));
  });
}
