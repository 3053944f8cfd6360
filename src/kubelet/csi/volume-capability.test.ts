import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AccessModes, capabilityOf } from './volume-capability.ts';

const access = { accessMode: 'ReadWriteOnce', isBlock: false, fsType: 'ext4', mountOptions: ['noatime'] };

const rows: [mode: string, modes: AccessModes, asked: string][] = [
  ['ReadWriteOnce', 'basic', 'SINGLE_NODE_WRITER'],
  ['ReadWriteOncePod', 'basic', 'SINGLE_NODE_WRITER'],
  ['ReadOnlyMany', 'basic', 'MULTI_NODE_READER_ONLY'],
  ['ReadWriteMany', 'basic', 'MULTI_NODE_MULTI_WRITER'],
  ['ReadWriteOnce', 'single-node-writers', 'SINGLE_NODE_MULTI_WRITER'],
  ['ReadWriteOncePod', 'single-node-writers', 'SINGLE_NODE_SINGLE_WRITER'],
  ['ReadWriteMany', 'single-node-writers', 'MULTI_NODE_MULTI_WRITER'],
  ['unheard of', 'basic', 'UNKNOWN'],
];
for (const [accessMode, modes, mode] of rows) {
  test(`access mode – ${accessMode}, a driver of ${modes} – ${mode}`, () => {
    assert.deepEqual(capabilityOf({ ...access, accessMode }, modes)['accessMode'], { mode });
  });
}

test('access type – file system – with its type, its options and its group', () => {
  assert.deepEqual(capabilityOf({ ...access, fsGroup: 1000 }, 'basic'), {
    accessMode: { mode: 'SINGLE_NODE_WRITER' },
    mount: { fsType: 'ext4', mountFlags: ['noatime'], volumeMountGroup: '1000' },
  });
});

test('access type – block device – without mount options', () => {
  assert.deepEqual(capabilityOf({ ...access, isBlock: true }, 'basic'), {
    accessMode: { mode: 'SINGLE_NODE_WRITER' },
    block: {},
  });
});
