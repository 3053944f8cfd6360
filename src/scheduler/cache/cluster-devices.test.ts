/** Who has which device, as the scheduler has decided and as informers show. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { allocationOf, storedDeviceClaim, storedDeviceClass } from '#testing/objects/devices.ts';
import { TestDevices } from '#testing/scheduling/devices.ts';

const id = 'gpu.example.com/a/0';
const pending = storedDeviceClaim('c');
const allocation = allocationOf('a', '0');
const versioned = (resourceVersion: string, status = {}) =>
  storedDeviceClaim('c', { metadata: { resourceVersion }, status });

test('a device – of a claim that is shown allocated, then not – is taken, then free', () => {
  const test = new TestDevices({ claims: [versioned('1', { allocation })] });
  const before = test.devices.revision;
  assert.equal(test.devices.allocated.isTaken(id), true);
  test.show(versioned('2'));
  assert.equal(test.devices.allocated.isTaken(id), false);
  assert.notEqual(test.devices.revision, before);
});

test('a device – given to a claim, which is written and then shown – is taken all along', () => {
  const test = new TestDevices({ claims: [pending] });
  const { devices } = test;
  const taken = () => devices.allocated.isTaken(id);
  devices.beginAllocation(pending, allocation);
  const given = taken();
  devices.assumeClaim(versioned('5', { allocation }));
  devices.endAllocation(pending);
  const written = taken();
  // An older version of the claim, of which the informer learns late.
  test.show(versioned('3'));
  const late = taken();
  test.show(versioned('5', { allocation }));
  assert.deepEqual([given, written, late, taken()], [true, true, true, true]);
  test.show(versioned('6'));
  assert.equal(taken(), false);
});

test('a device – given to a claim in vain – is free again', () => {
  const { devices } = new TestDevices({ claims: [pending] });
  devices.beginAllocation(pending, allocation);
  devices.endAllocation(pending);
  assert.equal(devices.allocated.isTaken(id), false);
});

test('a device – of a claim that is gone – is free, and the claim cannot be assumed any more', () => {
  const test = new TestDevices({ claims: [versioned('1', { allocation })] });
  test.remove(versioned('1', { allocation }));
  assert.equal(test.devices.allocated.isTaken(id), false);
  test.devices.assumeClaim(versioned('2', { allocation }));
  assert.equal(test.devices.allocated.isTaken(id), false);
});

test('an extended resource – that several classes name – is the newest one’s, then that of the first name', () => {
  const named = (name: string, extendedResourceName: string, creationTimestamp = '2026-01-01T00:00:00Z') => {
    const stored = storedDeviceClass(name, { extendedResourceName });
    return { ...stored, metadata: { ...stored.metadata, creationTimestamp } };
  };
  const classes = [
    named('b', 'example.com/x'),
    named('a', 'example.com/x'),
    named('old', 'example.com/y'),
    named('new', 'example.com/y', '2026-02-01T00:00:00Z'),
  ];
  const { devices } = new TestDevices({ classes });
  const classOf = (resource: string) => devices.classOfResource(resource)?.metadata?.name;
  assert.equal(classOf('example.com/x'), 'a');
  assert.equal(classOf('example.com/y'), 'new');
  assert.equal(classOf('deviceclass.resource.kubernetes.io/old'), 'old');
  assert.equal(classOf('example.com/none'), undefined);
});
