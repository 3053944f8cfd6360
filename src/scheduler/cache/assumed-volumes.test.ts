/** Assumptions hold until the informer shows something newer, or they are forgotten. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storedClaim, storedVolume } from '#testing/objects/volumes.ts';
import { AssumedVolumes } from './assumed-volumes.ts';

const shown = storedVolume('v', {}, { resourceVersion: '9' });
const claimRef = { namespace: 'default', name: 'c', uid: 'c' };
const reserved = storedVolume('v', { claimRef }, { resourceVersion: '9' });

test('an assumed volume – as old as the shown one – is preferred', () => {
  const assumed = new AssumedVolumes();
  assert.equal(assumed.volume(shown), shown);
  assumed.assumeVolume(reserved);
  assert.equal(assumed.volume(shown), reserved);
  assert.deepEqual(assumed.volumes([shown, storedVolume('w')]), [reserved, storedVolume('w')]);
  assumed.forgetVolume(reserved);
  assert.equal(assumed.volume(shown), shown);
});

test('an assumed volume – a newer one is shown, or another of its name – is not', () => {
  const assumed = new AssumedVolumes();
  assumed.assumeVolume(reserved);
  const newer = storedVolume('v', {}, { resourceVersion: '10' });
  assert.equal(assumed.volume(newer), newer);
  const other = storedVolume('v', {}, { resourceVersion: '8', uid: 'x' });
  assert.equal(assumed.volume(other), other);
});

test('a claim that changes – bindings that wait for it – are woken until they stop', () => {
  const assumed = new AssumedVolumes();
  const claim = storedClaim('c');
  let woken = 0;
  const stop = assumed.onClaimChange([claim], () => woken++);
  assumed.claimChanged(storedClaim('d'));
  assert.equal(woken, 0);
  assumed.claimChanged(claim);
  stop();
  assumed.claimChanged(claim);
  assert.equal(woken, 1);
});
