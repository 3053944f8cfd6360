import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { storedClaim, storedVolume } from '#testing/objects/volumes.ts';
import { finished, sizeLeftToNode } from './expansion.ts';

function leftTo(status: string | undefined, size: string): string | undefined {
  const claim = storedClaim(
    'data',
    {},
    {},
    {
      capacity: { storage: '1Gi' },
      ...(status ? { allocatedResourceStatuses: { storage: status } } : {}),
    },
  );
  return sizeLeftToNode({ claim, volume: storedVolume('pv', { capacity: { storage: size } }) as never });
}

describe('a claim – whose volume was grown – leaves the rest to the node, or nothing', () => {
  const rows: [string | undefined, string, string | undefined][] = [
    [undefined, '2Gi', undefined],
    ['ControllerResizeInProgress', '2Gi', undefined],
    ['NodeResizePending', '2Gi', '2Gi'],
    ['NodeResizeInProgress', '2Gi', '2Gi'],
    ['NodeResizeInfeasible', '2Gi', undefined],
    ['NodeResizePending', '512Mi', undefined],
  ];
  for (const [status, size, expected] of rows) {
    test(`${status}, ${size}`, () => assert.equal(leftTo(status, size), expected));
  }
});

test('a claim – whose file system has grown – has its size and loses the conditions of resizing', () => {
  const claim = storedClaim(
    'data',
    {},
    {},
    {
      conditions: [
        { type: 'FileSystemResizePending', status: 'True' },
        { type: 'ModifyingVolume', status: 'True' },
      ],
    },
  );
  assert.deepEqual(finished(claim, '2Gi'), {
    status: {
      capacity: { storage: '2Gi' },
      allocatedResourceStatuses: { storage: null },
      conditions: [{ type: 'FileSystemResizePending', $patch: 'delete' }],
    },
  });
});
