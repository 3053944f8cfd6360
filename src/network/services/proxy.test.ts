import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { parseUdpFlows } from '#host/network/udp-flows.ts';
import { command, tryCommand } from '#host/processes/command.ts';
import { webService } from '#testing/objects/services.ts';
import { newContainer, storedPod } from '#testing/objects.ts';
import { type Frontend, hostPortFrontends, serviceFrontends } from './model.ts';
import { changeScript, frameScript, type TableFrame } from './nft-script.ts';
import { emptyTable, tableOf } from './nft-table.ts';
import { staleFlows } from './stale-flows.ts';

const frame: TableFrame = {
  name: 'kybern_test',
  bridge: 'br0',
  podRange: '10.244.0.0/16',
  serviceRange: '10.96.0.0/16',
};

const here = { nodeName: 'n1', zone: 'z1' };

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
  anyBackends: [{ ip: '10.244.0.5', port: 8080 }],
  servingBackends: [{ ip: '10.244.0.5', port: 8080 }],
  keepsSource: false,
};
const noBackends = { backends: [], externalBackends: [], anyBackends: [], servingBackends: [] };

test('service table – a service – one element per address and a chain that picks a backend', () => {
  const table = tableOf([frontend], frame.podRange);
  assert.deepEqual([...table.maps.services.keys()], ['10.96.0.20 . tcp . 80']);
  assert.deepEqual([...table.maps.nodeports.keys()], ['tcp . 32000']);
  const chain = table.maps.services.get('10.96.0.20 . tcp . 80')?.replace('goto ', '') ?? '';
  const rules = table.chains.get(chain) ?? [];
  assert.match(rules.at(-2) ?? '', /^numgen random mod 2 vmap/);
  assert.match(rules.at(-1) ?? '', /^goto ep-/);
});

test('service table – a service without backends – rejects, does not forward', () => {
  const table = tableOf([{ ...frontend, ...noBackends }], frame.podRange);
  assert.equal(table.maps.services.size, 0);
  assert.deepEqual([...table.maps.rejected_services], [['10.96.0.20 . tcp . 80', 'goto refuse']]);
  assert.deepEqual([...table.maps.rejected_nodeports], [['tcp . 32000', 'goto refuse']]);
});

test('changeScript – no change, a lost backend – empty, touches only its service', () => {
  const other: Frontend = { ...frontend, id: 'default/api:', clusterIps: ['10.96.0.21'], nodePort: 32001 };
  const table = tableOf([frontend, other], frame.podRange);
  assert.equal(changeScript('t', table, tableOf([frontend, other], frame.podRange)), '');
  const less = tableOf([{ ...frontend, backends: frontend.backends.slice(0, 1) }, other], frame.podRange);
  const script = changeScript('t', table, less);
  assert.doesNotMatch(script, /10\.96\.0\.21|32001/);
});

test('host ports – an address that is not IPv4 – the others stay, and it does not reach the table', () => {
  const pod = (podIP: string, ...hostIPs: string[]) => {
    const ports = hostIPs.map((hostIP, i) => ({ containerPort: 80, hostPort: 8080 + i, hostIP }));
    return storedPod('p', { spec: { containers: [newContainer({ ports })] }, status: { podIP } });
  };
  const offered = (...args: Parameters<typeof pod>) =>
    hostPortFrontends(pod(...args)).map(({ port, clusterIps, nodePort }) => [port, clusterIps, nodePort]);
  assert.deepEqual(offered('10.244.0.5', 'fd00::1', '::', '192.0.2.1', '0.0.0.0', ''), [
    [8082, ['192.0.2.1'], undefined],
    [8083, [], 8083],
    [8084, [], 8084],
  ]);
  assert.deepEqual(offered('10.244.0.5', '192.000.002.001'), [[8080, ['192.0.2.1'], undefined]]);
  assert.deepEqual(offered('fd00::5', '0.0.0.0'), []);
});

test('service addresses – in old forms, IPv6, no addresses at all – the table holds IPv4 as nft takes it', () => {
  const service = {
    metadata: { namespace: 'a', name: 'web' },
    spec: {
      type: 'LoadBalancer',
      clusterIPs: ['10.96.0.9', 'fd00::9'],
      clusterIP: '10.96.0.9',
      ports: [{ port: 80 }],
      externalIPs: ['192.000.002.001', 'fd00::1', 'drop; x'],
      loadBalancerSourceRanges: [' 010.0.0.0/8', 'fd00::/8', '1.2.3.4 accept'],
    },
    status: { loadBalancer: { ingress: [{ ip: '198.051.100.001' }] } },
  };
  const slice = {
    addressType: 'IPv4',
    ports: [{ name: '', port: 80, protocol: 'TCP' }],
    endpoints: [{ addresses: ['010.244.000.005'] }, { addresses: ['fd00::5'] }],
  };
  const [made] = serviceFrontends(service, [slice], here);
  assert.deepEqual(made?.clusterIps, ['10.96.0.9']);
  assert.deepEqual(made?.externalIps, ['192.0.2.1', '198.51.100.1']);
  assert.deepEqual([made?.guardedIps, made?.sourceRanges], [['198.51.100.1'], ['10.0.0.0/8']]);
  assert.deepEqual(made?.backends, [{ ip: '10.244.0.5', port: 80 }]);
});

test('labels – of a service with another proxy, of endpoints for DNS only – neither gets traffic', () => {
  const spec = { clusterIP: '10.96.0.9', ports: [{ port: 80 }] };
  const service = (labels: Record<string, string>) => webService(spec, { labels });
  const slice = (labels: Record<string, string>) => ({
    metadata: { labels },
    addressType: 'IPv4',
    ports: [{ name: '', port: 80, protocol: 'TCP' }],
    endpoints: [{ addresses: ['10.244.0.5'] }],
  });
  const other = { 'service.kubernetes.io/service-proxy-name': 'other' };
  assert.deepEqual(serviceFrontends(service(other), [slice({})], here), []);
  const headless = { 'service.kubernetes.io/headless': '' };
  assert.deepEqual(serviceFrontends(service({}), [slice(headless)], here)[0]?.backends, []);
  assert.equal(serviceFrontends(service({}), [slice({})], here)[0]?.backends.length, 1);
});

test('terminating endpoints – serve only while none is ready; policy Local keeps to the node', () => {
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
    serviceFrontends({ ...service, spec: { ...service.spec, ...spec } }, slices, here)[0]?.backends.map(
      (backend) => backend.ip,
    );
  assert.deepEqual(ips([slice(endpoint('1.1.1.1', true, 'n1'), endpoint('1.1.1.2', false, 'n1'))]), [
    '1.1.1.1',
  ]);
  assert.deepEqual(ips([slice(endpoint('1.1.1.2', false, 'n1'))]), ['1.1.1.2']);
  const both = [slice(endpoint('1.1.1.1', true, 'n1'), endpoint('1.1.1.3', true, 'n2'))];
  assert.deepEqual(ips(both, { internalTrafficPolicy: 'Local' }), ['1.1.1.1']);
  assert.deepEqual(serviceFrontends({ ...service, spec: { clusterIP: 'None' } }, both, here), []);
});

test('host ports – of a running pod – are frontends of their own', () => {
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
    hostPortFrontends(pod).map((frontend) => [frontend.protocol, frontend.nodePort, frontend.backends]),
    [['udp', 8080, [{ ip: '10.244.0.7', port: 80 }]]],
  );
});

const guarded = {
  externalIps: ['192.0.2.9', '192.0.2.10'],
  guardedIps: ['192.0.2.9'],
  sourceRanges: ['10.0.0.0/8', '10.1.0.0/16'],
};

test('a load balancer’s address – with source ranges – is reached from them only', () => {
  const table = tableOf([{ ...frontend, ...guarded }], frame.podRange);
  assert.deepEqual([...table.maps.guarded_services.keys()], ['192.0.2.9 . tcp . 80']);
  const chain = [...table.chains.keys()].find((chain) => chain.startsWith('guard-')) ?? '';
  assert.deepEqual(table.chains.get(chain), [
    'ip saddr 10.0.0.0/8 return',
    'ip saddr 10.1.0.0/16 return',
    'drop',
  ]);
});

test('policy Local without a backend here – outside clients are dropped, pods and programs of the node served', () => {
  const local = { ...frontend, externalBackends: [], keepsSource: true };
  const table = tableOf([local], frame.podRange);
  assert.deepEqual([...table.maps.rejected_nodeports], [['tcp . 32000', 'drop']]);
  const chain = table.maps.nodeports.get('tcp . 32000')?.replace('goto ', '') ?? '';
  const rules = (table.chains.get(chain) ?? []).map((rule) => rule.replace(/-[0-9a-f]+$/, ''));
  assert.deepEqual(rules, [
    'ip saddr 10.244.0.0/16 goto any',
    'fib saddr type local jump mark_masquerade',
    'fib saddr type local goto any',
  ]);
});

test('topology hints – every endpoint has one and some match – choose among ready endpoints', () => {
  const service = {
    metadata: { namespace: 'a', name: 'web' },
    spec: { clusterIP: '10.96.0.9', clusterIPs: ['10.96.0.9'], ports: [{ port: 80 }] },
  };
  const zones = (...names: string[]) => ({ forZones: names.map((name) => ({ name })) });
  const ips = (...hints: (object | undefined)[]) => {
    const endpoints = hints.map((hint, index) => ({
      addresses: [`1.1.1.${index}`],
      conditions: { ready: true },
      ...(hint ? { hints: hint } : {}),
    }));
    const slice = { addressType: 'IPv4', ports: [{ name: '', port: 80, protocol: 'TCP' }], endpoints };
    return serviceFrontends(service, [slice], here)[0]?.backends.map((backend) => backend.ip);
  };
  assert.deepEqual(ips(zones('z1'), zones('z2')), ['1.1.1.0']);
  assert.deepEqual(ips(zones('z1'), undefined), ['1.1.1.0', '1.1.1.1']);
  assert.deepEqual(ips(zones('z2'), zones('z3')), ['1.1.1.0', '1.1.1.1']);
  const onNode = (name: string) => ({ forNodes: [{ name }], ...zones('z1') });
  assert.deepEqual(ips(onNode('n1'), onNode('n2')), ['1.1.1.0']);
  assert.deepEqual(ips(onNode('n3'), onNode('n2')), ['1.1.1.0', '1.1.1.1']);
});

test('stale UDP flows – to removed backends – are found, flows of other services are not', () => {
  const dns: Frontend = { ...frontend, protocol: 'udp', port: 53, nodePort: 30053 };
  const line = (destination: string, port: number, answerer: string, answererPort: number) =>
    `udp      17 29 src=10.244.0.9 dst=${destination} sport=4000 dport=${port} [UNREPLIED] src=${answerer} dst=10.244.0.9 sport=${answererPort} dport=4000 mark=0 use=1`;
  const flows = parseUdpFlows(
    [
      line('10.96.0.20', 53, '10.244.0.5', 8080),
      line('10.96.0.20', 53, '10.244.0.7', 8080),
      line('10.96.0.20', 53, '10.96.0.20', 53),
      line('192.0.2.2', 30053, '10.244.0.7', 8080),
      line('192.0.2.2', 30053, '10.244.0.5', 8080),
      line('8.8.8.8', 30053, '8.8.8.8', 30053),
      line('10.96.0.21', 53, '10.244.0.7', 8080),
      '',
    ].join('\n'),
  );
  assert.equal(flows.length, 7);
  assert.deepEqual(
    staleFlows(flows, [dns]).map((udpFlow) => `${udpFlow.destination} ${udpFlow.answerer}`),
    ['10.96.0.20 10.244.0.7', '10.96.0.20 10.96.0.20', '192.0.2.2 10.244.0.7'],
  );
  assert.deepEqual(staleFlows(flows, [frontend]), []);
});

const asRoot =
  process.getuid?.() === 0 && (await tryCommand('nft', ['--version']).catch(() => undefined)) !== undefined;

test('the kernel – the table and every change to it – are accepted', {
  skip: asRoot ? false : 'needs root and nft',
}, async (t) => {
  // An unnamed network namespace, which ends with its shell.
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
    [{ ...frontend, ...noBackends }, sticky],
    [
      { ...frontend, externalBackends: [], keepsSource: true },
      { ...sticky, affinitySeconds: 70 },
    ],
    [
      { ...frontend, ...guarded },
      sticky,
      { ...frontend, id: 'default/sctp:', protocol: 'sctp', nodePort: 32003 },
    ],
    [frontend, { ...sticky, backends: sticky.backends.slice(1) }],
    [],
  ];
  for (const frontends of steps) {
    const next = tableOf(frontends, frame.podRange);
    await nft(changeScript(frame.name, now, next));
    now = next;
  }
  const ruleset = await nftInside(['list', 'table', 'ip', frame.name]);
  assert.doesNotMatch(ruleset, /chain (svc|ext|any|guard|ep)-|set aff-/);
});
