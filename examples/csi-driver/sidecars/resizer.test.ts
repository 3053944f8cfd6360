/** Which claims the resizer makes larger. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { V1PersistentVolumeClaimStatus } from '@kubernetes/client-node';
import { wantedSize } from './resizer.ts';

const rows: [title: string, status: V1PersistentVolumeClaimStatus, size: string | undefined][] = [
  ['larger than its volume', { phase: 'Bound', capacity: { storage: '1Gi' } }, '2Gi'],
  ['as large as its volume', { phase: 'Bound', capacity: { storage: '2048Mi' } }, undefined],
  ['not bound', { phase: 'Pending' }, undefined],
  [
    'left to the node',
    {
      phase: 'Bound',
      capacity: { storage: '1Gi' },
      allocatedResources: { storage: '2Gi' },
      allocatedResourceStatuses: { storage: 'NodeResizePending' },
    },
    undefined,
  ],
  [
    'left to the node at a smaller size',
    {
      phase: 'Bound',
      capacity: { storage: '1Gi' },
      allocatedResources: { storage: '1536Mi' },
      allocatedResourceStatuses: { storage: 'NodeResizePending' },
    },
    '2Gi',
  ],
];
for (const [title, status, size] of rows) {
  test(`a claim – ${title} – ${size ? `grows to ${size}` : 'is left alone'}`, () => {
    const spec = { resources: { requests: { storage: '2Gi' } } };
    assert.equal(wantedSize({ spec, status }), size);
  });
}
