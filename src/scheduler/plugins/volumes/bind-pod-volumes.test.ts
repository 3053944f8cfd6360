/** What a pod waits for before it is bound, and why it gives up; upstream's texts. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PersistentVolume, PersistentVolumeClaim } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import type { Client } from '#client/client.ts';
import { boundClaim, storedClaim, storedVolume } from '#testing/objects/volumes.ts';
import { makePod } from '#testing/scheduling/objects.ts';
import { clusterOf } from '#testing/scheduling/plugin.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { AssumedVolumes } from '../../cache/assumed-volumes.ts';
import { VolumeReservation } from './bind-pod-volumes.ts';

const here = { annotations: { 'volume.kubernetes.io/selected-node': 'a' } };
const provisioned = {
  annotations: { ...here.annotations, 'pv.kubernetes.io/bind-completed': 'yes' },
  resourceVersion: '3',
};
const onB = { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['b'] }] };

interface Shown {
  claim: Stored<PersistentVolumeClaim> | undefined;
  volume: Stored<PersistentVolume> | undefined;
}

/** One claim, with a free volume or without, and what the informers show of both. */
function reserved(kind: 'binding' | 'provision') {
  const claim = storedClaim('c');
  const volume = storedVolume('v');
  const shown: Shown = { claim, volume: kind === 'binding' ? volume : undefined };
  const assumed = new AssumedVolumes();
  const { view, nodes } = clusterOf({
    nodes: [{ name: 'a' }],
    listers: {
      assumed,
      claim: () => shown.claim && assumed.claim(shown.claim),
      volume: () => shown.volume && assumed.volume(shown.volume),
    },
  });
  const found =
    kind === 'binding'
      ? { bindings: [{ claim, volume }], provisions: [] }
      : { bindings: [], provisions: [claim] };
  return {
    shown,
    view,
    assumed,
    reservation: new VolumeReservation(makePod({}), nodes[0]!, found, { view, timeoutMs: 600_000 }),
  };
}

/** Answers each update with the next version. */
const writing = (written: object[]): Client =>
  ({
    async update(_type: unknown, object: Stored<PersistentVolume>) {
      written.push(object);
      return { ...object, metadata: { ...object.metadata, resourceVersion: '2' } };
    },
  }) as unknown as Client;

/** Waits while the clock advances two seconds after `change`; returns what prevented the binding. */
async function outcome(
  { reservation, shown, assumed }: ReturnType<typeof reserved>,
  change: () => void,
  { isPodWaiting = (): boolean => true, seconds = 2 } = {},
): Promise<string> {
  const clock = new VirtualClock();
  await reservation.write(writing([]));
  let result = 'waiting';
  const { signal } = new AbortController();
  void reservation.settled({ clock, signal, report: () => {}, isPodWaiting }).then(
    () => (result = 'bound'),
    (error: Error) => (result = error.message),
  );
  await clock.advance(100);
  change();
  if (shown.claim) assumed.claimChanged(shown.claim);
  await clock.advance(seconds * 1000);
  return result;
}

test('a free volume – reserved – the next pod sees it so, until it is released', async () => {
  const { view, reservation } = reserved('binding');
  assert.equal(view.listers.volume('v')?.spec?.claimRef?.uid, 'c');
  const written: object[] = [];
  await reservation.write(writing(written));
  assert.equal((written[0] as PersistentVolume).spec?.claimRef?.uid, 'c');
  reservation.release();
  assert.equal(view.listers.volume('v')?.spec?.claimRef, undefined);
});

test('a claim that two pods use – reserved for the second – is written once, and stays assumed for the first', async () => {
  const { view, reservation } = reserved('provision');
  const node = view.node('a');
  const claim = view.listers.claim('default', 'c');
  assert.ok(node && claim);
  const second = new VolumeReservation(
    makePod({}),
    node,
    { bindings: [], provisions: [claim] },
    { view, timeoutMs: 600_000 },
  );
  const written: object[] = [];
  await second.write(writing(written));
  second.release();
  assert.deepEqual(written, []);
  assert.deepEqual(view.listers.claim('default', 'c')?.metadata.annotations, here.annotations);
  reservation.release();
  assert.equal(view.listers.claim('default', 'c')?.metadata.annotations, undefined);
});

test('a claim to provision for – reserved – it names the node', () => {
  const { view } = reserved('provision');
  assert.deepEqual(view.listers.claim('default', 'c')?.metadata.annotations, here.annotations);
});

const volume = (spec = {}) =>
  storedVolume('v', { claimRef: { name: 'c', uid: 'c' }, ...spec }, { resourceVersion: '3' });
const rows: [string, 'binding' | 'provision', Partial<Shown>, string][] = [
  ['nothing happens', 'binding', {}, 'waiting'],
  ['the claim is bound', 'binding', { claim: boundClaim('c', 'v'), volume: volume() }, 'bound'],
  ['the claim is bound, the volume not seen yet', 'binding', { claim: boundClaim('c', 'v') }, 'bound'],
  [
    'the claim is deleted',
    'binding',
    { claim: undefined },
    'binding volumes: failed to check binding: persistentvolumeclaims "default/c" not found',
  ],
  [
    'the volume is deleted',
    'binding',
    { volume: undefined },
    'binding volumes: failed to check binding: persistentvolumes "v" not found',
  ],
  [
    'the reservation is reset',
    'binding',
    { volume: storedVolume('v', {}, { resourceVersion: '3' }) },
    'binding volumes: ClaimRef got reset for pv "v"',
  ],
  [
    'the volume moves elsewhere',
    'binding',
    { volume: volume({ nodeAffinity: { required: { nodeSelectorTerms: [onB] } } }) },
    'binding volumes: pv "v" node affinity doesn\'t match node "a": no matching NodeSelectorTerms',
  ],
  [
    'the provisioner binds it',
    'provision',
    { claim: storedClaim('c', provisioned, { volumeName: 'v' }), volume: volume() },
    'bound',
  ],
  [
    'the new volume is not seen yet',
    'provision',
    { claim: storedClaim('c', provisioned, { volumeName: 'v' }) },
    'waiting',
  ],
  [
    'the provisioner rejects the node',
    'provision',
    { claim: storedClaim('c', { annotations: {}, resourceVersion: '3' }) },
    'binding volumes: provisioning failed for PVC "c"',
  ],
  [
    'the annotations are removed',
    'provision',
    { claim: storedClaim('c', { resourceVersion: '3' }) },
    'binding volumes: selectedNode annotation reset for PVC "c"',
  ],
];
for (const [title, kind, change, expected] of rows) {
  test(`a ${kind} – ${title} – ${expected}`, async () => {
    const parts = reserved(kind);
    assert.equal(await outcome(parts, () => Object.assign(parts.shown, change)), expected);
  });
}

test('a pod that waits – deleted meanwhile – gives up', async () => {
  let isWaiting = true;
  const leave = () => (isWaiting = false);
  assert.equal(
    await outcome(reserved('binding'), leave, { isPodWaiting: () => isWaiting }),
    'binding volumes: pod does not exist any more: pod "pod" not found',
  );
});

test('a pod that waits – ten minutes – gives up', async () => {
  assert.equal(
    await outcome(reserved('provision'), () => {}, { seconds: 601 }),
    'binding volumes: context deadline exceeded',
  );
});
