import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ResourceRequirements } from '#api/generated/types.gen.ts';
import { newContainer, storedPod } from '#testing/objects.ts';
import { limitsForEnv, resourceValue } from './field-ref.ts';

const allocatable = { cpu: '4', memory: '8Gi', 'ephemeral-storage': '10Gi', 'hugepages-2Mi': '64Mi' };
const small = { cpu: '1250m', memory: '64Mi' };

// biome-ignore format: a table
const rows: [what: string, container: ResourceRequirements, pod: ResourceRequirements, read: string, value: string][] = [
  ['a limit of its own', { limits: { cpu: '500m' } }, { limits: small }, 'limits.cpu', '1'],
  ['none of its own', {}, { limits: small }, 'limits.cpu', '2'],
  ['none of its own', {}, { limits: small }, 'limits.memory', '67108864'],
  ['a limit of 0', { limits: { memory: '0' } }, { limits: small }, 'limits.memory', '67108864'],
  ['none, of a pod without one', {}, { limits: { cpu: '1' } }, 'limits.memory', '8589934592'],
  ['none, of a pod whose limit is 0', {}, { limits: { memory: '0' } }, 'limits.memory', '8589934592'],
  ['none of a resource that pods have not', {}, { limits: small }, 'limits.ephemeral-storage', '10737418240'],
  ['none of huge pages', {}, { limits: { 'hugepages-2Mi': '4Mi' } }, 'limits.hugepages-2Mi', '0'],
  ['no request', {}, { requests: small }, 'requests.cpu', '0'],
];

for (const [what, resources, podResources, resource, value] of rows) {
  test(`the downward API – ${resource} of a container with ${what} – a variable reads ${value}`, () => {
    const container = newContainer({ resources });
    const pod = storedPod('p', { spec: { containers: [container], resources: podResources } });
    const limits = limitsForEnv(pod, allocatable);
    assert.equal(resourceValue(pod as never, container, { resource }, limits), value);
  });
}
