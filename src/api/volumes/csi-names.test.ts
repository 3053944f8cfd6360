import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attachmentName, uniqueName } from './csi-names.ts';

const volume = { driverName: 'csi.example.com', volumeHandle: 'h1' };

test('volume – in the status of a node – its driver and its handle', () => {
  assert.equal(uniqueName(volume), 'kubernetes.io/csi/csi.example.com^h1');
});

// printf 'h1csi.example.comn1' | sha256sum
test('attachment – of a volume to a node – named by the hash of both', () => {
  assert.equal(
    attachmentName(volume, 'n1'),
    'csi-8157d03abc5a2bde671ba3121addefb9168531d96b38761bc92ae350c651387b',
  );
});
