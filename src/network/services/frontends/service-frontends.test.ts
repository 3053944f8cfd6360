import assert from 'node:assert/strict';
import { test } from 'node:test';
import { webService } from '#testing/objects/services.ts';
import { serviceFrontends } from './service-frontends.ts';

const here = { nodeName: 'n1', zone: 'z1' };

test('service addresses – in old forms, IPv6, no addresses at all – the table holds IPv4 as nft takes it', () => {
  const service = {
    metadata: { namespace: 'a', name: 'web' },
    spec: {
      type: 'LoadBalancer',
      clusterIPs: ['10.96.0.9', 'fd00::9'],
      clusterIP: '10.96.0.9',
      ports: [{ port: 80 }],
      externalIPs: ['192.000.002.001', 'fd00::1', 'drop; x'],
      loadBalancerSourceRanges: [' 010.0.0.0/8', 'fd00::/8', '1.2.3.4 accept'],
    },
    status: { loadBalancer: { ingress: [{ ip: '198.051.100.001' }] } },
  };
  const slice = {
    addressType: 'IPv4',
    ports: [{ name: '', port: 80, protocol: 'TCP' }],
    endpoints: [{ addresses: ['010.244.000.005'] }, { addresses: ['fd00::5'] }],
  };
  const [made] = serviceFrontends(service, [slice], here, [4]);
  assert.deepEqual(made?.clusterIps, ['10.96.0.9']);
  assert.deepEqual(made?.externalIps, ['192.0.2.1', '198.51.100.1']);
  assert.deepEqual([made?.guardedIps, made?.sourceRanges], [['198.51.100.1'], ['10.0.0.0/8']]);
  assert.deepEqual(made?.backends, [{ ip: '10.244.0.5', port: 80 }]);
});

test('labels – of a service with another proxy, of endpoints for DNS only – neither gets traffic', () => {
  const spec = { clusterIP: '10.96.0.9', ports: [{ port: 80 }] };
  const service = (labels: Record<string, string>) => webService(spec, { labels });
  const slice = (labels: Record<string, string>) => ({
    metadata: { labels },
    addressType: 'IPv4',
    ports: [{ name: '', port: 80, protocol: 'TCP' }],
    endpoints: [{ addresses: ['10.244.0.5'] }],
  });
  const other = { 'service.kubernetes.io/service-proxy-name': 'other' };
  assert.deepEqual(serviceFrontends(service(other), [slice({})], here, [4]), []);
  const headless = { 'service.kubernetes.io/headless': '' };
  assert.deepEqual(serviceFrontends(service({}), [slice(headless)], here, [4])[0]?.backends, []);
  assert.equal(serviceFrontends(service({}), [slice({})], here, [4])[0]?.backends.length, 1);
});

test('terminating endpoints – serve only while none is ready; policy Local keeps to the node', () => {
  const service = {
    metadata: { namespace: 'a', name: 'web' },
    spec: { clusterIP: '10.96.0.9', clusterIPs: ['10.96.0.9'], ports: [{ port: 80 }] },
  };
  const endpoint = (ip: string, ready: boolean, nodeName: string) => ({
    addresses: [ip],
    nodeName,
    conditions: { ready, serving: true, terminating: !ready },
  });
  const slice = (...endpoints: ReturnType<typeof endpoint>[]) => ({
    addressType: 'IPv4',
    ports: [{ name: '', port: 80, protocol: 'TCP' }],
    endpoints,
  });
  const ips = (slices: ReturnType<typeof slice>[], spec = {}) =>
    serviceFrontends({ ...service, spec: { ...service.spec, ...spec } }, slices, here, [4])[0]?.backends.map(
      (backend) => backend.ip,
    );
  assert.deepEqual(ips([slice(endpoint('1.1.1.1', true, 'n1'), endpoint('1.1.1.2', false, 'n1'))]), [
    '1.1.1.1',
  ]);
  assert.deepEqual(ips([slice(endpoint('1.1.1.2', false, 'n1'))]), ['1.1.1.2']);
  const both = [slice(endpoint('1.1.1.1', true, 'n1'), endpoint('1.1.1.3', true, 'n2'))];
  assert.deepEqual(ips(both, { internalTrafficPolicy: 'Local' }), ['1.1.1.1']);
  assert.deepEqual(serviceFrontends({ ...service, spec: { clusterIP: 'None' } }, both, here, [4]), []);
});

test('topology hints – every endpoint has one and some match – choose among ready endpoints', () => {
  const service = {
    metadata: { namespace: 'a', name: 'web' },
    spec: { clusterIP: '10.96.0.9', clusterIPs: ['10.96.0.9'], ports: [{ port: 80 }] },
  };
  const zones = (...names: string[]) => ({ forZones: names.map((name) => ({ name })) });
  const ips = (...hints: (object | undefined)[]) => {
    const endpoints = hints.map((hint, index) => ({
      addresses: [`1.1.1.${index}`],
      conditions: { ready: true },
      ...(hint ? { hints: hint } : {}),
    }));
    const slice = { addressType: 'IPv4', ports: [{ name: '', port: 80, protocol: 'TCP' }], endpoints };
    return serviceFrontends(service, [slice], here, [4])[0]?.backends.map((backend) => backend.ip);
  };
  assert.deepEqual(ips(zones('z1'), zones('z2')), ['1.1.1.0']);
  assert.deepEqual(ips(zones('z1'), undefined), ['1.1.1.0', '1.1.1.1']);
  assert.deepEqual(ips(zones('z2'), zones('z3')), ['1.1.1.0', '1.1.1.1']);
  const onNode = (name: string) => ({ forNodes: [{ name }], ...zones('z1') });
  assert.deepEqual(ips(onNode('n1'), onNode('n2')), ['1.1.1.0']);
  assert.deepEqual(ips(onNode('n3'), onNode('n2')), ['1.1.1.0', '1.1.1.1']);
});
