/** Which changes of addresses and services are those that giving out an address makes. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GivenAddresses } from './given-addresses.ts';

test('an address – given to a service – is not judged when both arrive, and is when either changes again', () => {
  const given = new GivenAddresses();
  given.give('10.96.0.7', 'default/web');
  assert.equal(given.isCreation('10.96.0.7'), true);
  assert.equal(given.isAwaited('default/web', '10.96.0.7'), true);
  assert.equal(given.isCreation('10.96.0.7'), false);
  assert.equal(given.isAwaited('default/web', '10.96.0.7'), false);
});

test('an address – changed before its service arrives – has both judged', () => {
  const given = new GivenAddresses();
  given.give('10.96.0.7', 'default/web');
  given.isCreation('10.96.0.7');
  assert.equal(given.isCreation('10.96.0.7'), false);
  assert.equal(given.isAwaited('default/web', '10.96.0.7'), false);
});

test('a service – with the address of another service, or one that has not arrived – is judged', () => {
  const given = new GivenAddresses();
  given.give('10.96.0.7', 'default/web');
  assert.equal(given.isAwaited('default/other', '10.96.0.7'), false);
  assert.equal(given.isAwaited('default/web', '10.96.0.7'), false);
  assert.equal(given.isAwaited('default/web', undefined), false);
});

test('an address – taken back – is judged', () => {
  const given = new GivenAddresses();
  given.give('10.96.0.7', 'default/web');
  given.takeBack('10.96.0.7');
  assert.equal(given.isCreation('10.96.0.7'), false);
});
