import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstPort, GatewayPorts, type PortRequest, portsMax } from './gateway-ports.ts';

const request = (uid: string, wanted: number[], recorded: [number, number][] = []): PortRequest => ({
  uid,
  wanted,
  recorded: new Map(recorded),
});
const shown = (ports: GatewayPorts, ...uids: string[]) => uids.map((uid) => [...ports.of(uid).entries()]);

test('ports of Gateways – that come together – are different', () => {
  const ports = new GatewayPorts();
  ports.give([request('plain', [80]), request('tls', [443]), request('both', [80, 443])]);
  assert.deepEqual(shown(ports, 'plain', 'tls', 'both'), [
    [[80, 20_000]],
    [[443, 20_001]],
    [
      [80, 20_002],
      [443, 20_003],
    ],
  ]);
});

test('ports of a Gateway – given and not recorded yet – stay', () => {
  const ports = new GatewayPorts();
  ports.give([request('a', [80])]);
  ports.give([request('older', [80]), request('a', [80, 8080])]);
  assert.deepEqual(shown(ports, 'older', 'a'), [
    [[80, 20_001]],
    [
      [80, 20_000],
      [8080, 20_002],
    ],
  ]);
});

test('ports of a Gateway – recorded by an earlier process – stay, before others are given', () => {
  const ports = new GatewayPorts();
  ports.give([request('new', [80]), request('a', [80], [[80, 20_000]])]);
  assert.deepEqual(shown(ports, 'new', 'a'), [[[80, 20_001]], [[80, 20_000]]]);
});

test('ports of Gateways – recorded as the same – are mended, and the older keeps its port', () => {
  const ports = new GatewayPorts();
  ports.give([request('a', [80], [[80, 20_000]]), request('b', [443], [[443, 20_000]])]);
  assert.deepEqual(shown(ports, 'a', 'b'), [[[80, 20_000]], [[443, 20_001]]]);
});

test('a record – of a port that is not for Gateways – is not used', () => {
  const ports = new GatewayPorts();
  ports.give([
    request(
      'a',
      [80, 443],
      [
        [80, 10_250],
        [443, firstPort + portsMax],
      ],
    ),
  ]);
  assert.deepEqual(shown(ports, 'a'), [
    [
      [80, 20_000],
      [443, 20_001],
    ],
  ]);
});

test('the port of a Gateway that is gone – is given again after all others', () => {
  const ports = new GatewayPorts();
  ports.give([request('a', [80])]);
  ports.give([request('b', [80])]);
  assert.deepEqual(shown(ports, 'a', 'b'), [[], [[80, 20_001]]]);
  const many = Array.from({ length: portsMax - 1 }, (_, index) => index + 1000);
  ports.give([request('b', [80]), request('many', many)]);
  assert.equal(new Set(ports.of('many').values()).size, portsMax - 1);
  assert.ok([...ports.of('many').values()].includes(20_000));
});

test('ports of a Gateway – when all are taken – are none', () => {
  const ports = new GatewayPorts();
  const all = Array.from({ length: portsMax }, (_, index) => index);
  ports.give([request('all', all), request('a', [80])]);
  assert.deepEqual(shown(ports, 'a'), [[]]);
});
