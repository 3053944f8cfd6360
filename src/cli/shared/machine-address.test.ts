import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mustBeOfMachine } from './machine-address.ts';

const ofMachine = ['192.0.2.7', '198.51.100.3'];
for (const [address, message] of [
  ['machine', '--address machine is not an IPv4 address'],
  ['fd00::1', '--address fd00::1 is not an IPv4 address'],
  ['127.0.0.1', '--address 127.0.0.1 is no address at which other machines reach this one'],
  ['0.0.0.0', '--address 0.0.0.0 is no address at which other machines reach this one'],
  ['192.0.2.8', '--address 192.0.2.8 is not an address of this machine'],
] as const) {
  test(`an address – ${address} – is refused, with the addresses there are`, () => {
    assert.throws(() => mustBeOfMachine('--address', address, ofMachine), {
      message,
      hint: 'this machine has: 192.0.2.7, 198.51.100.3',
    });
  });
}

test('an address – of the machine – is accepted', () => {
  mustBeOfMachine('--address', '198.51.100.3', ofMachine);
});
