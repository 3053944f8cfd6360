/** What a ResourceQuota counts of a pod: pod in, usage by the quota's names out. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quotaLookUps } from '#testing/objects/quota-look-ups.ts';
import type { Pod, PodSpec } from '../../generated/types.gen.ts';
import { podQuota } from './quota.ts';

const container = { name: 'c', resources: { requests: { cpu: '1' }, limits: { cpu: '2' } } };

const cases: [string, Pod, Record<string, string>][] = [
  [
    'a container',
    { spec: { containers: [container] } },
    { pods: '1', cpu: '1', 'requests.cpu': '1', 'limits.cpu': '2' },
  ],
  [
    'amounts of the pod as a whole, in place of the containers',
    {
      spec: {
        containers: [container],
        resources: { requests: { cpu: '3' }, limits: { cpu: '4' } },
      } as PodSpec,
    },
    { pods: '1', cpu: '3', 'requests.cpu': '3', 'limits.cpu': '4' },
  ],
  [
    'huge pages, under both names; limits of them and of extended resources are not counted',
    {
      spec: {
        containers: [
          {
            name: 'c',
            resources: {
              requests: { 'hugepages-2Mi': '4Mi', 'example.com/gpu': '1' },
              limits: { 'hugepages-2Mi': '4Mi', 'example.com/gpu': '1' },
            },
          },
        ],
      },
    },
    { pods: '1', 'hugepages-2Mi': '4Mi', 'requests.hugepages-2Mi': '4Mi', 'requests.example.com/gpu': '1' },
  ],
  [
    'a pod whose deletion should have ended',
    {
      metadata: { deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: 30 },
      spec: { containers: [container] },
    },
    {},
  ],
  [
    'a pod that is being deleted',
    {
      metadata: { deletionTimestamp: '2026-01-01T00:00:01Z', deletionGracePeriodSeconds: 30 },
      spec: { containers: [container] },
    },
    { pods: '1', cpu: '1', 'requests.cpu': '1', 'limits.cpu': '2' },
  ],
  ['a pod that has ended', { spec: { containers: [container] }, status: { phase: 'Succeeded' } }, {}],
];

for (const [name, pod, expected] of cases) {
  test(`quota of pods – ${name}`, () =>
    assert.deepEqual(podQuota.usage?.(pod, Date.parse('2026-01-01T00:00:31Z'), quotaLookUps()), expected));
}
