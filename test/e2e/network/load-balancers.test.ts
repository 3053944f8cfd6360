/** Services of type LoadBalancer: addresses of a link's network, answered for its neighbours, from outside, host and pods. */

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { eventually, kubectl, startTestCluster } from '../../support/cluster.ts';
import { addBusybox } from '../../support/images.ts';
import { type NetworkNamespace, networkNamespace } from '../../support/network-namespace.ts';

const image = 'kybern.test/busybox:1';
const link = `kblb${process.pid % 10_000}`;
const hostIp = '198.51.100.129';
const neighbourIp = '198.51.100.130';
const ipPath = '.status.loadBalancer.ingress[0].ip';
const range = '198.51.100.192/28';
let cluster: Awaited<ReturnType<typeof startTestCluster>>;
let neighbour: NetworkNamespace | undefined;
const k = (...args: string[]) => kubectl(cluster, args);
const apply = (...items: object[]) =>
  kubectl(cluster, ['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
const serve = 'mkdir /srv; echo served > /srv/index.html; exec httpd -f -p 8080 -h /srv';

function service(name: string, spec: object = {}) {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec: {
      type: 'LoadBalancer',
      selector: { app: 'web' },
      ports: [{ port: 80, targetPort: 8080 }],
      ...spec,
    },
  };
}

/** A machine beside this one: its packets come by a cable, to addresses that it resolves by ARP. */
async function startNeighbour(): Promise<NetworkNamespace> {
  const started = await networkNamespace();
  const [enter = '', ...flags] = started.enter;
  const there = (...args: string[]) => execFileSync(enter, [...flags, 'ip', ...args]);
  execFileSync('ip', ['link', 'add', link, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', started.pid]);
  execFileSync('ip', ['address', 'add', `${hostIp}/25`, 'dev', link]);
  execFileSync('ip', ['link', 'set', link, 'up']);
  there('address', 'add', `${neighbourIp}/25`, 'dev', 'eth0');
  there('link', 'set', 'eth0', 'up');
  return started;
}

before(async () => {
  neighbour = await startNeighbour();
  cluster = await startTestCluster(['--load-balancers', range], 'balancers');
  await addBusybox(cluster, image);
  const container = { name: 'main', image, command: ['/bin/sh', '-c', serve] };
  const spec = { terminationGracePeriodSeconds: 0, containers: [container] };
  await apply({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', labels: { app: 'web' } }, spec });
  await k('wait', '--for=condition=Ready', 'pod/web', '--timeout=60s');
});
after(async () => {
  neighbour?.leave();
  await cluster?.dispose();
  const proxied = execFileSync('ip', ['neigh', 'show', 'proxy'], { encoding: 'utf8' });
  assert.doesNotMatch(proxied, /198\.51\.100\.19/, 'a deleted cluster answers for no address');
});

async function addressOf(name: string): Promise<string> {
  const found = await eventually(
    `an address of ${name}`,
    async () => (await k('get', 'service', name, '-o', `jsonpath={${ipPath}}`)) || false,
    5000,
  );
  return found || '';
}

function asked(enter: readonly string[], url: string): string {
  const [program = '', ...args] = [...enter, 'curl', '-s', '-m', '2', url];
  return spawnSync(program, args, { encoding: 'utf8' }).stdout.trim();
}

async function answers(enter: readonly string[], address: string): Promise<void> {
  await eventually(`${address} answers`, async () => asked(enter, `http://${address}`) === 'served', 10_000);
}

test('a Service – of type LoadBalancer – gets an address that neighbours of the link, host and pods reach', async () => {
  await apply(service('plain'));
  const address = await addressOf('plain');
  assert.match(address, /^198\.51\.100\.19\d$/);
  await answers(neighbour!.enter, address);
  await answers([], address);
  assert.match(await k('exec', 'web', '--', 'timeout', '5', 'wget', '-qO-', `http://${address}`), /served/);
  const reasons = await k(
    'get',
    'events',
    '--field-selector=involvedObject.name=plain',
    '-o',
    'jsonpath={.items[*].reason}',
  );
  assert.equal(reasons, 'EnsuringLoadBalancer EnsuredLoadBalancer');
});

test('source ranges – that leave the neighbour out – keep it out, and let the host in', async () => {
  await apply(service('guarded', { loadBalancerSourceRanges: [`${hostIp}/32`, '10.0.0.0/8'] }));
  const address = await addressOf('guarded');
  await answers([], address);
  assert.equal(asked(neighbour!.enter, `http://${address}`), '');
});

test('an address that another Service has – requested – is one warning, and the Service waits', async () => {
  const taken = await addressOf('plain');
  await apply(service('late', { loadBalancerIP: taken }));
  await eventually('a warning', async () => {
    const events = await k(
      'get',
      'events',
      '--field-selector=involvedObject.name=late,type=Warning',
      '-o',
      'jsonpath={.items[*].message}',
    );
    return events.endsWith(`the address ${taken} is taken by the service default/plain`);
  });
  await k('delete', 'service', 'plain');
  assert.equal(asked(neighbour!.enter, `http://${taken}`), '');
  assert.equal(await addressOf('late').catch(() => taken), taken);
});
