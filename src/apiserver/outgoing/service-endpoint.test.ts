import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endpointSlices, services } from '#api/generated/kinds.gen.ts';
import { newService } from '#testing/objects/services.ts';
import type { ObjectReader } from '../contract/stored-objects.ts';
import { endpointResolver } from './service-endpoint.ts';

const random = { float: () => 0, bytes: () => new Uint8Array(), uuid: () => '' };

const ports = [
  { name: 'https', port: 443 },
  { name: 'other', port: 80 },
];
const externalName = 'hook.example.com';
const service = (type: string) => newService('hook', { type, ipFamilies: ['IPv4'], ports, externalName });

const slice = (addressType: string, port: object, endpoints: object[], service = 'hook') => ({
  metadata: { labels: { 'kubernetes.io/service-name': service } },
  addressType,
  ports: [port],
  endpoints,
});

function resolverOver(type: string, slices: object[]) {
  const reader = {
    get: (kind: object, namespace: string, name: string) =>
      kind === services && `${namespace}/${name}` === 'ns/hook' ? service(type) : undefined,
    list: (kind: object) => (kind === endpointSlices ? slices : []),
  } as unknown as ObjectReader;
  return endpointResolver(reader, random);
}

const https = { name: 'https', port: 8443 };
const hook = { namespace: 'ns', name: 'hook', port: 443 };

test('a service – with ready endpoints in both families – is reached at one of its first family', () => {
  const resolve = resolverOver('ClusterIP', [
    slice('IPv6', https, [{ addresses: ['2001:db8::1'] }]),
    slice('IPv4', https, [{ addresses: ['192.0.2.9'] }], 'another'),
    slice('IPv4', { name: 'other', port: 80 }, [{ addresses: ['192.0.2.3'] }]),
    slice('IPv4', https, [
      { addresses: ['192.0.2.1'], conditions: { ready: false } },
      { addresses: ['192.0.2.2'], conditions: { ready: true } },
    ]),
  ]);
  assert.deepEqual(resolve(hook), { host: '192.0.2.2', port: 8443 });
});

test('a service – that cannot be reached – is refused with upstream’s text', () => {
  const resolve = resolverOver('ClusterIP', [slice('IPv4', https, [])]);
  assert.throws(() => resolve({ ...hook, name: 'gone' }), { message: 'service "gone" not found' });
  assert.throws(() => resolve({ ...hook, port: 9 }), {
    message: 'no service port 9 found for service "hook"',
  });
  assert.throws(() => resolve(hook), { message: 'no endpoints available for service "hook"' });
});

test('a service – of type ExternalName – is reached at its external name', () => {
  assert.deepEqual(resolverOver('ExternalName', [])(hook), { host: 'hook.example.com', port: 443 });
});
