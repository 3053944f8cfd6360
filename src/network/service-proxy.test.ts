import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { command, tryCommand } from '#host/command.ts';
import { changeScript, frameScript, type TableFrame } from './nft-script.ts';
import { emptyTable, tableOf } from './nft-table.ts';
import { type Frontend, hostPortFrontends, serviceFrontends } from './service-model.ts';

const frame: TableFrame = {
  name: 'kybern_test',
  bridge: 'br0',
  podRange: '10.244.0.0/16',
  serviceRange: '10.96.0.0/16',
};

const frontend: Frontend = {
  id: 'default/web:http',
  protocol: 'tcp',
  port: 80,
  clusterIps: ['10.96.0.20'],
  externalIps: [],
  nodePort: 32000,
  backends: [
    { ip: '10.244.0.5', port: 8080 },
    { ip: '10.244.0.6', port: 8080 },
  ],
  externalBackends: [{ ip: '10.244.0.5', port: 8080 }],
  keepsSource: false,
};

test('a service becomes one element per address and a chain that picks a backend', () => {
  const table = tableOf([frontend], frame.podRange);
  assert.deepEqual([...table.maps.services.keys()], ['10.96.0.20 . tcp . 80']);
  assert.deepEqual([...table.maps.nodeports.keys()], ['tcp . 32000']);
  const chain = table.maps.services.get('10.96.0.20 . tcp . 80')?.replace('goto ', '') ?? '';
  const rules = table.chains.get(chain) ?? [];
  assert.match(rules.at(-1) ?? '', /^numgen random mod 2 vmap/);
});

test('a service without backends is refused, not forwarded', () => {
  const table = tableOf([{ ...frontend, backends: [], externalBackends: [] }], frame.podRange);
  assert.equal(table.maps.services.size, 0);
  assert.deepEqual([...table.maps.rejected_services], [['10.96.0.20 . tcp . 80', 'goto refuse']]);
  assert.deepEqual([...table.maps.rejected_nodeports], [['tcp . 32000', 'goto refuse']]);
});

test('an unchanged table gives no script, a lost backend only touches its own service', () => {
  const other: Frontend = { ...frontend, id: 'default/api:', clusterIps: ['10.96.0.21'], nodePort: 32001 };
  const one = tableOf([frontend, other], frame.podRange);
  assert.equal(changeScript('t', one, tableOf([frontend, other], frame.podRange)), '');
  const less = tableOf([{ ...frontend, backends: frontend.backends.slice(0, 1) }, other], frame.podRange);
  const script = changeScript('t', one, less);
  assert.doesNotMatch(script, /10\.96\.0\.21|32001/);
});

test('terminating endpoints serve only while no ready one is left; local policy keeps to the node', () => {
  const service = {
    metadata: { namespace: 'a', name: 'web' },
    spec: { clusterIP: '10.96.0.9', clusterIPs: ['10.96.0.9'], ports: [{ port: 80 }] },
  };
  const endpoint = (ip: string, ready: boolean, nodeName: string) => ({
    addresses: [ip],
    nodeName,
    conditions: { ready, serving: true, terminating: !ready },
  });
  const slice = (...endpoints: ReturnType<typeof endpoint>[]) => ({
    addressType: 'IPv4',
    ports: [{ name: '', port: 80, protocol: 'TCP' }],
    endpoints,
  });
  const ips = (slices: ReturnType<typeof slice>[], spec = {}) =>
    serviceFrontends({ ...service, spec: { ...service.spec, ...spec } }, slices, 'n1')[0]?.backends.map(
      (one) => one.ip,
    );
  assert.deepEqual(ips([slice(endpoint('1.1.1.1', true, 'n1'), endpoint('1.1.1.2', false, 'n1'))]), [
    '1.1.1.1',
  ]);
  assert.deepEqual(ips([slice(endpoint('1.1.1.2', false, 'n1'))]), ['1.1.1.2']);
  const both = [slice(endpoint('1.1.1.1', true, 'n1'), endpoint('1.1.1.3', true, 'n2'))];
  assert.deepEqual(ips(both, { internalTrafficPolicy: 'Local' }), ['1.1.1.1']);
  assert.deepEqual(serviceFrontends({ ...service, spec: { clusterIP: 'None' } }, both, 'n1'), []);
});

test('host ports of a running pod are frontends of their own', () => {
  const pod = {
    metadata: { namespace: 'a', name: 'p' },
    spec: {
      containers: [
        { name: 'c', ports: [{ containerPort: 80, hostPort: 8080, protocol: 'UDP' }, { containerPort: 81 }] },
      ],
    },
    status: { podIP: '10.244.0.7', phase: 'Running' },
  };
  assert.deepEqual(
    hostPortFrontends(pod).map((one) => [one.protocol, one.nodePort, one.backends]),
    [['udp', 8080, [{ ip: '10.244.0.7', port: 80 }]]],
  );
});

const asRoot =
  process.getuid?.() === 0 && (await tryCommand('nft', ['--version']).catch(() => undefined)) !== undefined;

test('the kernel takes the table and every change to it', {
  skip: asRoot ? false : 'needs root and nft',
}, async (t) => {
  // A network namespace without a name, which is gone with the shell that lives in it.
  const inside = spawn('unshare', ['--net', 'sh', '-c', 'echo there; read end'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  t.after(() => inside.stdin.end());
  await once(inside.stdout, 'data');
  const nftInside = (args: string[], input = '') =>
    command('nsenter', [`--net=/proc/${inside.pid}/ns/net`, 'nft', ...args], { input });
  const nft = (input: string) => nftInside(['-f', '-'], input);
  const sticky: Frontend = {
    ...frontend,
    id: 'default/s:',
    clusterIps: ['10.96.0.30'],
    nodePort: 32002,
    affinitySeconds: 60,
  };
  await nft(frameScript(frame));
  await nft(frameScript(frame));
  let now = emptyTable();
  const steps: Frontend[][] = [
    [frontend],
    [frontend, sticky],
    [{ ...frontend, backends: [], externalBackends: [] }, sticky],
    [frontend, { ...sticky, backends: sticky.backends.slice(1) }],
    [],
  ];
  for (const frontends of steps) {
    const next = tableOf(frontends, frame.podRange);
    await nft(changeScript(frame.name, now, next));
    now = next;
  }
  const ruleset = await nftInside(['list', 'table', 'ip', frame.name]);
  assert.doesNotMatch(ruleset, /chain (svc|ext|ep)-|set aff-/);
});
