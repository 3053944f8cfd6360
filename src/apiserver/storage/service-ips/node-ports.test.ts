import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ServicePort, ServiceSpec } from '#api/generated/types.gen.ts';
import { systemRandom } from '#host/system-env.ts';
import { dryRunPorts, givePorts, nodePortBounds } from './node-ports.ts';
import { NumberRange } from './number-range.ts';

const numbers = (...taken: number[]) => new NumberRange(nodePortBounds(), new Set(taken), systemRandom);
const port = (port: number, nodePort = 0, protocol = 'TCP'): ServicePort => ({
  port,
  nodePort,
  protocol,
  name: `${protocol}-${port}`.toLowerCase(),
});
const nodePort = (...ports: ServicePort[]): ServiceSpec => ({ type: 'NodePort', ports });
const balancer = (spec: Partial<ServiceSpec>): ServiceSpec => ({ type: 'LoadBalancer', ...spec });
const watched = (ports: ServicePort[], healthCheckNodePort = 0) =>
  balancer({ externalTrafficPolicy: 'Local', ports, healthCheckNodePort });

/** The node ports that a service gets. */
function given(spec: ServiceSpec, range = numbers(), old?: ServiceSpec): (number | undefined)[] {
  return (givePorts({ name: 'web', spec }, old, range).ports ?? []).map(({ nodePort }) => nodePort);
}

function refused(spec: ServiceSpec, range = numbers(), old?: ServiceSpec): string {
  try {
    givePorts({ name: 'web', spec }, old, range);
  } catch (error) {
    return (error as Error).message;
  }
  return '';
}

test('a service – that asks for no number – gets one of the upper band', () => {
  const [number] = given(nodePort(port(80)));
  assert.ok(number! >= 30086 && number! <= 32767);
});

test('ports – of one number and two protocols – share a node port', () => {
  const [udp, tcp, other] = given(nodePort(port(53, 0, 'UDP'), port(53), port(80)));
  assert.equal(udp, tcp);
  assert.notEqual(udp, other);
  assert.deepEqual(given(nodePort(port(53, 0, 'UDP'), port(53, 31234))), [31234, 31234]);
});

const refusals: [string, ServiceSpec, number[], string][] = [
  [
    'a taken number',
    nodePort(port(80, 32000)),
    [32000],
    'Service "web" is invalid: spec.ports[0].nodePort: Invalid value: 32000: provided port is already allocated',
  ],
  [
    'a number outside the range',
    nodePort(port(80, 80)),
    [],
    'Service "web" is invalid: spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. The range of valid ports is 30000-32767',
  ],
  [
    'the same number for two ports',
    nodePort(port(80, 31234), port(81, 31234)),
    [],
    'Service "web" is invalid: spec.ports[1].nodePort: Invalid value: 31234: provided port is already allocated',
  ],
  [
    'a health check port that is a node port of the service',
    watched([port(80, 31235)], 31235),
    [],
    'Internal error occurred: failed to allocate requested HealthCheck NodePort 31235: provided port is already allocated',
  ],
  [
    'a health check port outside the range',
    watched([port(80)], 80),
    [],
    'Internal error occurred: failed to allocate requested HealthCheck NodePort 80: provided port is not in the valid range. The range of valid ports is 30000-32767',
  ],
];
for (const [name, spec, taken, message] of refusals) {
  test(`${name} – is refused`, () => {
    assert.equal(refused(spec, numbers(...taken)), message);
  });
}

test('a range – that is full – is said to be full', () => {
  const all = Array.from({ length: 2768 }, (_, i) => 30000 + i);
  const why = 'Internal error occurred: failed to allocate a nodePort: range is full';
  assert.equal(refused(nodePort(port(80)), numbers(...all)), why);
});

test('an update – of a service with node ports – keeps what it holds and takes what is new', () => {
  const old = nodePort(port(80, 31000));
  const range = numbers(31000);
  const spec = nodePort(port(80, 31000), port(53, 31001, 'UDP'), port(53, 31001));
  const { ports, taken } = givePorts({ name: 'web', spec }, old, range);
  assert.deepEqual(
    ports?.map(({ nodePort }) => nodePort),
    [31000, 31001, 31001],
  );
  assert.deepEqual(taken, [31001]);
  const twice = nodePort(port(80, 31000), port(81, 31000));
  assert.equal(refused(twice, range, old), 'duplicate nodePort: {TCP 31000}');
  const [udp, tcp] = given(nodePort(port(53, 0, 'UDP'), port(53)), range, old);
  assert.notEqual(udp, tcp);
});

test('a load balancer – without node ports of its own – gets those it asks for and no others', () => {
  const spec = balancer({ allocateLoadBalancerNodePorts: false, ports: [port(80, 31000), port(81)] });
  assert.deepEqual(given(spec), [31000, 0]);
});

test('a dry run – of ports – gets numbers above the range, and any free one that it asks for', () => {
  const pretended = dryRunPorts(new Set([31000]), nodePortBounds());
  const spec = nodePort(port(80), port(81), port(82, 80));
  const { ports } = givePorts({ name: 'web', spec }, undefined, pretended);
  assert.deepEqual(
    ports?.map(({ nodePort }) => nodePort),
    [32769, 32770, 80],
  );
  assert.throws(
    () => givePorts({ name: 'web', spec: nodePort(port(80, 31000)) }, undefined, pretended),
    /Invalid value: 31000: provided port is already allocated$/,
  );
});
