import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Service, ServicePort } from '#api/generated/types.gen.ts';
import { newService } from '#testing/objects/services.ts';
import { repairPorts } from './ports.ts';

const bounds = { first: 30000, last: 32767 };
const service = (...ports: [number, string?][]): Service =>
  newService('web', {
    type: 'NodePort',
    ports: ports.map(([nodePort, protocol = 'TCP']): ServicePort => ({ port: nodePort, nodePort, protocol })),
  });
function repaired(stored: number[], services: Service[], leaks = new Map<number, number>()) {
  const { taken, steps, leaks: next } = repairPorts(new Set(stored), services, leaks, bounds);
  const texts = steps.map((step) => (step.do === 'warn' ? `${step.reason}: ${step.message}` : step.do));
  return { taken: [...taken].sort(), texts, leaks: next };
}

test('a record – that says what the services hold – stays', () => {
  const { taken, texts } = repaired([31000, 31001], [service([31000], [31001, 'UDP'], [31001])]);
  assert.deepEqual([taken, texts], [[31000, 31001], []]);
});

const rows: [string, Service[], number[], string][] = [
  [
    'a port that is not in the record',
    [service([31000])],
    [31000],
    'PortNotAllocated: Port 31000 is not allocated; repairing',
  ],
  [
    'a port outside the range',
    [service([80])],
    [],
    'PortOutOfRange: Port 80 is not within the port range 30000-32767; please recreate service',
  ],
];
for (const [name, services, expected, text] of rows) {
  test(`${name} – ${text.split(':')[0]}`, () => {
    const { taken, texts } = repaired([], services);
    assert.deepEqual([taken, texts], [expected, [text]]);
  });
}

test('a port – of two services – has the event PortAlreadyAllocated', () => {
  const { texts } = repaired([31000], [service([31000]), service([31000])]);
  assert.deepEqual(texts, [
    'PortAlreadyAllocated: Port 31000 was assigned to multiple services; please recreate service',
  ]);
});

test('a port – that no service holds – is free in the third round, and not when a service gets it meanwhile', () => {
  let leaks: ReadonlyMap<number, number> = new Map();
  const round = (services: Service[]) => {
    const result = repaired([31000], services, new Map(leaks));
    leaks = result.leaks;
    return result.taken;
  };
  assert.deepEqual([round([]), round([])], [[31000], [31000]]);
  assert.deepEqual(round([service([31000])]), [31000]);
  assert.deepEqual([round([]), round([]), round([])], [[31000], [31000], []]);
});
