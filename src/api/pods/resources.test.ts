/** Total requests and limits of a pod: containers, sidecars, pod level, overhead and resize in; sums out. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Container, Pod, PodSpec } from '../generated/types.gen.ts';
import { amountTexts, exactAmounts } from './exact-amounts.ts';
import { plainAmounts } from './plain-amounts.ts';
import { podLimits, podRequests } from './resources.ts';

const main = (cpu: string, more: Partial<Container> = {}): Container => ({
  name: 'main',
  resources: { requests: { cpu }, limits: { cpu } },
  ...more,
});
const init = (cpu: string): Container => main(cpu, { name: `init-${cpu}` });
const sidecar = (cpu: string): Container => main(cpu, { name: 'sidecar', restartPolicy: 'Always' });

const specs: [string, PodSpec, Record<string, string>][] = [
  ['containers are summed', { containers: [main('1'), main('500m')] }, { cpu: '1500m' }],
  [
    'a small init container does not count',
    { containers: [main('2')], initContainers: [init('1')] },
    { cpu: '2' },
  ],
  ['a large init container counts', { containers: [main('1')], initContainers: [init('3')] }, { cpu: '3' }],
  ['a sidecar is added', { containers: [main('1')], initContainers: [sidecar('1')] }, { cpu: '2' }],
  [
    'an init container runs beside the sidecars before it',
    { containers: [main('1')], initContainers: [sidecar('1'), init('3')] },
    { cpu: '4' },
  ],
  [
    // A regression: the sidecar was added to an init container that has ended before it starts.
    'a sidecar after a large init container is not put on top of it',
    { containers: [main('1')], initContainers: [init('3'), sidecar('1')] },
    { cpu: '3' },
  ],
  [
    'amounts of the pod take the place of the sum',
    { containers: [main('1')], resources: { requests: { cpu: '5', 'hugepages-2Mi': '4Mi' } } },
    { cpu: '5', 'hugepages-2Mi': '4Mi' },
  ],
  [
    'overhead comes on top',
    { containers: [main('1')], overhead: { cpu: '250m', memory: '1Mi' } },
    { cpu: '1250m', memory: '1Mi' },
  ],
];

for (const [name, spec, expected] of specs) {
  test(`requests of a pod – ${name}`, () => {
    assert.deepEqual(amountTexts(podRequests(exactAmounts, { spec })), expected);
    assert.equal(
      podRequests(plainAmounts, { spec }).milliCpu,
      podRequests(exactAmounts, { spec }).get('cpu')?.milliValue(),
    );
  });
}

test('limits of a pod – overhead – is added only to existing limits', () => {
  const spec = { containers: [main('1')], overhead: { cpu: '250m', memory: '1Mi' } };
  assert.deepEqual(amountTexts(podLimits(exactAmounts, { spec })), { cpu: '1250m' });
});

const resized = (reason?: string): Pod => ({
  spec: { containers: [main('3')], initContainers: [init('1')] },
  status: {
    conditions: reason ? [{ type: 'PodResizePending', status: 'True', reason }] : [],
    containerStatuses: [
      {
        name: 'main',
        image: 'i',
        imageID: '',
        ready: true,
        restartCount: 0,
        allocatedResources: { cpu: '2' },
        resources: { requests: { cpu: '1' }, limits: { cpu: '4' } },
      },
    ],
  },
});

test('requests of a pod – resized in place – are the maximum of spec, allocated and actual', () => {
  const requests = podRequests(exactAmounts, resized(), { useStatus: true });
  assert.deepEqual(amountTexts(requests), { cpu: '3' });
  assert.deepEqual(amountTexts(podLimits(exactAmounts, resized(), { useStatus: true })), { cpu: '4' });
});

test('requests of a pod – a deferred resize – counts', () => {
  const requests = podRequests(exactAmounts, resized('Deferred'), { useStatus: true });
  assert.deepEqual(amountTexts(requests), { cpu: '3' });
});

test('requests of a pod – an infeasible resize – does not count', () => {
  const requests = podRequests(exactAmounts, resized('Infeasible'), { useStatus: true });
  assert.deepEqual(amountTexts(requests), { cpu: '2' });
});

test('limits of a pod – onStep – sees each step, init containers beside the sidecars', () => {
  const seen: number[] = [];
  const spec = { containers: [main('1')], initContainers: [sidecar('2'), init('3')] };
  podLimits(plainAmounts, { spec }, { onStep: ({ milliCpu }) => seen.push(milliCpu) });
  assert.deepEqual(seen, [1000, 2000, 5000]);
});
