import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endpointSlices, services } from '#api/generated/kinds.gen.ts';
import type { EndpointSlice, ServiceSpec } from '#api/generated/types.gen.ts';
import type { ObjectReader } from '../contract/stored-objects.ts';
import { serviceFailure } from './availability.ts';

const at = { namespace: 'ns', name: 'ext', port: 443 };
const labels = { 'kubernetes.io/service-name': 'ext' };
const clusterIp: ServiceSpec = { ports: [{ name: 'https', port: 443 }] };

function readerOf(spec: ServiceSpec | undefined, slices: Partial<EndpointSlice>[]): ObjectReader {
  return {
    get: (type: object) => (type === services && spec ? { spec } : undefined),
    list: (type: object) => (type === endpointSlices ? slices : []),
  } as unknown as ObjectReader;
}

const slice = (ready: boolean | undefined, port: string): Partial<EndpointSlice> => ({
  metadata: { labels },
  ports: [{ name: port, port: 8443 }],
  endpoints: [{ addresses: ['192.0.2.1'], ...(ready === undefined ? {} : { conditions: { ready } }) }],
});

const missing = 'endpointslices for service/ext in "ns" have no addresses with port name "https"';

const rows: [string, ServiceSpec | undefined, Partial<EndpointSlice>[], string | undefined][] = [
  ['that is not there', undefined, [], 'ServiceNotFound: service/ext in "ns" is not present'],
  [
    'without the port',
    { ports: [{ port: 80 }] },
    [],
    'ServicePortError: service/ext in "ns" is not listening on port 443',
  ],
  ['without slices', clusterIp, [], 'EndpointsNotFound: cannot find endpointslices for service/ext in "ns"'],
  [
    'with slices of another service only',
    clusterIp,
    [{ ...slice(true, 'https'), metadata: { labels: { 'kubernetes.io/service-name': 'other' } } }],
    'EndpointsNotFound: cannot find endpointslices for service/ext in "ns"',
  ],
  ['whose endpoints are not ready', clusterIp, [slice(false, 'https')], `MissingEndpoints: ${missing}`],
  ['whose endpoints have another port', clusterIp, [slice(true, 'http')], `MissingEndpoints: ${missing}`],
  [
    'with an endpoint that is ready',
    clusterIp,
    [slice(false, 'https'), slice(undefined, 'https')],
    undefined,
  ],
  ['that names another host', { type: 'ExternalName', externalName: 'a.example' }, [], undefined],
];

for (const [what, spec, slices, expected] of rows) {
  test(`the service of an extension server – ${what} – ${expected ? 'is a failure' : 'is asked'}`, () => {
    const failure = serviceFailure(readerOf(spec, slices), at);
    assert.equal(failure && `${failure.reason}: ${failure.message}`, expected);
  });
}
