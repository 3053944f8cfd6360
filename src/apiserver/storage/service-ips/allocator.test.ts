import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Service, ServiceSpec } from '#api/generated/types.gen.ts';
import type { AnyObject } from '#api/meta/object.ts';
import { systemRandom } from '#host/system-env.ts';
import { type ServiceAllocator, serviceAllocator } from './allocator.ts';

const allocator = () => serviceAllocator({ serviceCidr: '10.96.0.0/16', random: systemRandom });
const service = (spec: Partial<ServiceSpec> = {}): Service & AnyObject => ({
  metadata: { name: 'web' },
  spec: { type: 'ClusterIP', ports: [{ port: 80, protocol: 'TCP' }], ...spec } as ServiceSpec,
});
const create = (of: ServiceAllocator, spec: Partial<ServiceSpec> = {}) => {
  const object = service(spec);
  const begun = of.hooks.begin!(object, undefined);
  return { spec: object.spec!, object, ...begun };
};

test('a service gets an address of the upper band, and families', () => {
  const { spec } = create(allocator());
  const [a, b, c, d] = spec.clusterIP!.split('.').map(Number);
  assert.deepEqual([a, b], [10, 96]);
  assert(c! * 256 + d! > 256);
  assert.deepEqual(spec.clusterIPs, [spec.clusterIP]);
  assert.deepEqual([spec.ipFamilies, spec.ipFamilyPolicy], [['IPv4'], 'SingleStack']);
});

test('an explicit address is taken once, and again after release', () => {
  const of = allocator();
  const first = create(of, { clusterIP: '10.96.0.10' });
  assert.deepEqual(first.spec.clusterIPs, ['10.96.0.10']);
  assert.throws(
    () => create(of, { clusterIP: '10.96.0.10' }),
    /spec\.clusterIPs: Invalid value: .*"10\.96\.0\.10".*: failed to allocate IP 10\.96\.0\.10: provided IP is already allocated$/,
  );
  assert.throws(
    () => create(of, { clusterIP: '10.1.0.1' }),
    /failed to allocate IP 10\.1\.0\.1: the provided network does not match the current range$/,
  );
  of.hooks.afterDelete!(first.object);
  const again = create(of, { clusterIP: '10.96.0.10' });
  again.undo();
  create(of, { clusterIP: '10.96.0.10' });
});

test('headless and ExternalName services take nothing', () => {
  const of = allocator();
  const { spec } = create(of, { clusterIP: 'None', selector: { app: 'db' } });
  assert.deepEqual(spec.clusterIPs, ['None']);
  const external = create(of, { type: 'ExternalName', externalName: 'example.org', ports: [] });
  assert.equal(external.spec.clusterIP, undefined);
  assert.equal(external.spec.ipFamilies, undefined);
});

test('node ports: chosen, explicit, shared between protocols, refused when taken', () => {
  const of = allocator();
  const { spec } = create(of, { type: 'NodePort' });
  assert(spec.ports![0]!.nodePort! >= 30086 && spec.ports![0]!.nodePort! <= 32767);
  create(of, { type: 'NodePort', ports: [{ port: 80, nodePort: 32000 }] });
  assert.throws(
    () => create(of, { type: 'NodePort', ports: [{ port: 80, nodePort: 32000 }] }),
    /spec\.ports\[0\]\.nodePort: Invalid value: 32000: provided port is already allocated$/,
  );
  assert.throws(
    () => create(of, { type: 'NodePort', ports: [{ port: 80, nodePort: 80 }] }),
    /Invalid value: 80: provided port is not in the valid range\. The range of valid ports is 30000-32767$/,
  );
  const dns = create(of, {
    type: 'NodePort',
    ports: [
      { port: 53, protocol: 'UDP', name: 'udp' },
      { port: 53, protocol: 'TCP', name: 'tcp' },
    ],
  });
  assert.equal(dns.spec.ports![0]!.nodePort, dns.spec.ports![1]!.nodePort);
});

const nodePort = (port: number, nodePort: number, protocol = 'TCP') => ({
  port,
  nodePort,
  protocol,
  name: `${protocol}-${port}`.toLowerCase(),
});
const healthy = (ports: ServiceSpec['ports'], healthCheckNodePort = 0): Partial<ServiceSpec> => ({
  type: 'LoadBalancer',
  externalTrafficPolicy: 'Local',
  ports,
  healthCheckNodePort,
});

test('a number asked for twice in one service – is refused, but for one port of several protocols', () => {
  const of = allocator();
  const allocated = 'provided port is already allocated';
  assert.throws(() => create(of, { type: 'NodePort', ports: [nodePort(80, 31234), nodePort(81, 31234)] }), {
    message: new RegExp(`is invalid: spec\\.ports\\[1\\]\\.nodePort: Invalid value: 31234: ${allocated}$`),
  });
  // What the refused one had taken is free again.
  create(of, { type: 'NodePort', ports: [nodePort(53, 31234, 'UDP'), nodePort(53, 31234, 'TCP')] });
  assert.throws(
    () => create(of, healthy([nodePort(80, 31235)], 31235)),
    new RegExp(
      `^StatusError: Internal error occurred: failed to allocate requested HealthCheck NodePort 31235: ${allocated}$`,
    ),
  );
  const { spec } = create(of, healthy([nodePort(80, 31235)], 31236));
  assert.equal(spec.healthCheckNodePort, 31236);
  assert.throws(
    () => create(of, healthy([nodePort(80, 0)], 31236)),
    /HealthCheck NodePort 31236: provided port/,
  );
  assert.throws(() => create(of, healthy([nodePort(80, 0)], 80)), /is not in the valid range/);
});

test('an update – judges node ports by what the service holds', () => {
  const of = allocator();
  const { object } = create(of, { type: 'NodePort', ports: [nodePort(80, 31000)] });
  const update = (ports: ServiceSpec['ports']) => {
    const changed = structuredClone(object) as Service & AnyObject;
    changed.spec!.ports = ports!;
    of.hooks.begin!(changed, object);
    return changed.spec!.ports!.map((port) => port.nodePort);
  };
  assert.throws(
    () => update([nodePort(80, 31000), nodePort(81, 31000)]),
    /^StatusError: duplicate nodePort: \{TCP 31000\}$/,
  );
  assert.deepEqual(update([nodePort(80, 31000), nodePort(80, 31000, 'UDP')]), [31000, 31000]);
  assert.deepEqual(
    update([nodePort(80, 31000), nodePort(53, 31001, 'UDP'), nodePort(53, 31001)]),
    [31000, 31001, 31001],
  );
  const [udp, tcp] = update([nodePort(53, 0, 'UDP'), nodePort(53, 0)]);
  assert.notEqual(udp, tcp);
});

test('a load balancer without node ports of its own – gets those it asks for and no others', () => {
  const { spec } = create(allocator(), {
    type: 'LoadBalancer',
    allocateLoadBalancerNodePorts: false,
    ports: [nodePort(80, 31000), nodePort(81, 0)],
  });
  assert.deepEqual(
    spec.ports!.map((port) => port.nodePort),
    [31000, 0],
  );
});

test('an update keeps what it has, and a change of type gives it back', () => {
  const of = allocator();
  const { object } = create(of, { type: 'NodePort', ports: [{ port: 80, nodePort: 32000 }] });
  const same = structuredClone(object);
  of.hooks.begin!(same, object);
  assert.deepEqual(same, object);

  const changed = service({ clusterIP: object.spec!.clusterIP, clusterIPs: object.spec!.clusterIPs });
  const begun = of.hooks.begin!(changed, object);
  const taken = { type: 'NodePort' as const, ports: [{ port: 80, nodePort: 32000 }] };
  assert.throws(() => create(of, taken), /already allocated/, 'held until the update is stored');
  begun.undo();
  assert.throws(() => create(of, taken), /already allocated/);
  of.hooks.begin!(changed, object).done();
  create(of, taken);
});

test('what stored services hold is taken after a restart', () => {
  const { object } = create(allocator(), { type: 'NodePort', ports: [{ port: 80, nodePort: 31111 }] });
  const of = allocator();
  of.restore([object]);
  assert.throws(() => create(of, { clusterIP: object.spec!.clusterIP }));
  assert.throws(() => create(of, { type: 'NodePort', ports: [{ port: 80, nodePort: 31111 }] }));
});

test('a full range says so', () => {
  const of = serviceAllocator({ serviceCidr: '10.96.0.0/30', random: systemRandom });
  create(of);
  create(of);
  assert.throws(() => create(of), /failed to allocate a serviceIP for Service "web": range is full/);
});
