/** Extended resources as requests for devices; facts of upstream's extendeddynamicresources_test.go. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Container } from '#api/generated/types.gen.ts';
import { extendedRequests } from './extended-requests.ts';

const container = (
  name: string,
  requests: Record<string, string>,
  more: Partial<Container> = {},
): Container => ({
  name,
  image: 'i',
  resources: { requests },
  ...more,
});
const classes = new Map([
  ['example.com/gpu', 'gpu'],
  ['example.com/nic', 'nic'],
]);
const gpu = (count: string) => ({ 'example.com/gpu': count });
const nic = (count: string) => ({ 'example.com/nic': count });
const sidecar = { restartPolicy: 'Always' };

interface Row {
  readonly init?: readonly Container[];
  readonly main: readonly Container[];
  /** `name: class × count`. */
  readonly requests: readonly string[];
  /** `container resource → request`. */
  readonly mappings: readonly string[];
}

const rows: Record<string, Row> = {
  'none of them': {
    main: [container('a', { cpu: '1', 'example.com/other': '1' })],
    requests: [],
    mappings: [],
  },
  'an amount of zero': { main: [container('a', gpu('0'))], requests: [], mappings: [] },
  'two in one container': {
    main: [container('a', { ...gpu('1'), ...nic('2') })],
    requests: ['container-0-request-0: gpu × 1', 'container-0-request-1: nic × 2'],
    mappings: ['a example.com/gpu → container-0-request-0', 'a example.com/nic → container-0-request-1'],
  },
  'one in each of two containers': {
    main: [container('a', gpu('1')), container('b', nic('2'))],
    requests: ['container-0-request-0: gpu × 1', 'container-1-request-0: nic × 2'],
    mappings: ['a example.com/gpu → container-0-request-0', 'b example.com/nic → container-1-request-0'],
  },
  'two init containers, of which the larger counts': {
    init: [container('a', nic('1')), container('b', nic('2'))],
    main: [container('c', gpu('1'))],
    requests: ['container-1-request-0: nic × 2', 'container-2-request-0: gpu × 1'],
    mappings: [
      'c example.com/gpu → container-2-request-0',
      'a example.com/nic → container-1-request-0',
      'b example.com/nic → container-1-request-0',
    ],
  },
  'an init container that uses the devices of the containers after it': {
    init: [container('a', gpu('1'))],
    main: [container('b', gpu('2'))],
    requests: ['container-1-request-0: gpu × 2'],
    mappings: ['b example.com/gpu → container-1-request-0', 'a example.com/gpu → container-1-request-0'],
  },
  'an init container that needs more than the containers after it': {
    init: [container('a', gpu('3'))],
    main: [container('b', gpu('2'))],
    requests: ['container-0-request-0: gpu × 1', 'container-1-request-0: gpu × 2'],
    mappings: [
      'b example.com/gpu → container-1-request-0',
      'a example.com/gpu → container-1-request-0',
      'a example.com/gpu → container-0-request-0',
    ],
  },
  'a sidecar before a larger init container': {
    init: [container('a', nic('1')), container('b', nic('1'), sidecar), container('c', nic('2'))],
    main: [container('d', gpu('1'))],
    requests: [
      'container-1-request-0: nic × 1',
      'container-2-request-0: nic × 2',
      'container-3-request-0: gpu × 1',
    ],
    mappings: [
      'd example.com/gpu → container-3-request-0',
      'b example.com/nic → container-1-request-0',
      'a example.com/nic → container-1-request-0',
      'c example.com/nic → container-2-request-0',
    ],
  },
};
for (const [title, { init = [], main, requests, mappings }] of Object.entries(rows)) {
  test(`extended resources – ${title} – ${requests.length} requests`, () => {
    const found = extendedRequests({ initContainers: [...init], containers: [...main] }, classes);
    const printed = found.requests.map(
      ({ name, exactly }) => `${name}: ${exactly?.deviceClassName} × ${exactly?.count}`,
    );
    assert.deepEqual(printed, requests);
    const mapped = found.mappings.map(
      ({ containerName, resourceName, requestName }) => `${containerName} ${resourceName} → ${requestName}`,
    );
    assert.deepEqual(mapped, mappings);
  });
}
