import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NetworkPolicySpec } from '#api/generated/types.gen.ts';
import { policyOf, policyPod } from '#testing/objects/network-policies.ts';
import { RandomPolicyChanges } from '#testing/objects/random-policies.ts';
import { PolicyModel } from './policy-model.ts';

const frame = { name: 'kybern_test-policy', bridge: 'br0' };

function modelOf(...specs: Partial<NetworkPolicySpec>[]): PolicyModel {
  const model = new PolicyModel('n1', frame);
  model.setNamespace('default', { team: 'a' });
  model.setNamespace('other', { team: 'b' });
  model.setPod(policyPod('web', '10.244.0.5', { labels: { app: 'web' }, ports: { http: 8080 } }));
  model.setPod(policyPod('client', '10.244.0.6', { labels: { app: 'client' } }));
  model.setPod(policyPod('far', '10.244.1.6', { labels: { app: 'client' }, node: 'n2' }));
  model.setPod(policyPod('guest', '10.244.1.7', { namespace: 'other', node: 'n2', ports: { http: 81 } }));
  for (const [i, spec] of specs.entries()) model.setPolicy(policyOf(`p${i}`, spec));
  model.settle();
  return model;
}

const web = { podSelector: { matchLabels: { app: 'web' } } };

/** What a guard's chain and maps say of the pod `web`, with the names of shared chains replaced by their ports. */
function guardOf(model: PolicyModel, direction = 'ingress', address = '10.244.0.5'): object | undefined {
  const { chains, maps } = model.table;
  const name = maps.get(`${direction}4`)?.elements.get(address)?.slice('jump '.length);
  if (!name) return undefined;
  const plain = (text: string) => {
    const ports = chains.get(text.replace(/^goto /, ''));
    return ports ? /\{.*\}/.exec(ports[0]!)![0] : text;
  };
  const elements = (map: string) =>
    Object.fromEntries([...(maps.get(map)?.elements ?? [])].map(([key, verdict]) => [key, plain(verdict)]));
  const rest = chains.get(name)!.find((rule) => rule.startsWith('meta'));
  return {
    pods: elements(`${name}-pods`),
    ...(maps.has(`${name}-ranges`) ? { ranges: elements(`${name}-ranges`) } : {}),
    ...(rest ? { rest: /\{.*\}/.exec(rest)![0] } : {}),
  };
}

const fromAll = { namespaceSelector: {} };
const clients = { podSelector: { matchLabels: { app: 'client' } } };
const tcp = (port: number | string, endPort?: number) => ({
  protocol: 'TCP',
  port,
  ...(endPort ? { endPort } : {}),
});

const ingressRows: [string, NetworkPolicySpec['ingress'], object | undefined][] = [
  ['no rule', [], { pods: {} }],
  ['an empty rule', [{}], undefined],
  [
    'pods of the namespace',
    [{ from: [clients] }],
    { pods: { '10.244.0.6': 'return', '10.244.1.6': 'return' } },
  ],
  [
    'all pods of another namespace',
    [{ from: [{ namespaceSelector: { matchLabels: { team: 'b' } } }] }],
    { pods: { '10.244.1.7': 'return' } },
  ],
  [
    'pods and namespace together',
    [{ from: [{ namespaceSelector: { matchLabels: { team: 'b' } }, ...clients }] }],
    { pods: {} },
  ],
  [
    'two peers',
    [{ from: [{ namespaceSelector: { matchLabels: { team: 'b' } } }, clients] }],
    { pods: { '10.244.0.6': 'return', '10.244.1.6': 'return', '10.244.1.7': 'return' } },
  ],
  [
    'ports of several rules',
    [
      { from: [clients], ports: [tcp(80), tcp(81, 90), { protocol: 'UDP', port: 53 }] },
      { from: [{ podSelector: { matchLabels: { app: 'web' } } }], ports: [{ protocol: 'SCTP' }] },
    ],
    {
      pods: {
        '10.244.0.5': '{ sctp . 0-65535 }',
        '10.244.0.6': '{ tcp . 80-90, udp . 53 }',
        '10.244.1.6': '{ tcp . 80-90, udp . 53 }',
      },
    },
  ],
  ['a port for all', [{ ports: [tcp(80)] }], { pods: {}, rest: '{ tcp . 80 }' }],
  ['a named port of the selected pod', [{ ports: [tcp('http')] }], { pods: {}, rest: '{ tcp . 8080 }' }],
  [
    'a named port that the pod has with another protocol',
    [{ ports: [{ protocol: 'UDP', port: 'http' }] }],
    { pods: {} },
  ],
  [
    'a range with an exception',
    [{ from: [{ ipBlock: { cidr: '10.0.0.0/30', except: ['10.0.0.1/32'] } }] }],
    { pods: {}, ranges: { '10.0.0.0': 'return', '10.0.0.2-10.0.0.3': 'return' } },
  ],
  [
    'ranges that overlap with other ports',
    [
      { from: [{ ipBlock: { cidr: '10.0.0.0/30' } }], ports: [tcp(80)] },
      { from: [{ ipBlock: { cidr: '10.0.0.2/31' } }], ports: [tcp(443)] },
      { ports: [tcp(22)] },
    ],
    {
      pods: {},
      ranges: {
        '10.0.0.0-10.0.0.1': '{ tcp . 22, tcp . 80 }',
        '10.0.0.2-10.0.0.3': '{ tcp . 22, tcp . 80, tcp . 443 }',
      },
      rest: '{ tcp . 22 }',
    },
  ],
  [
    'a pod in a range, with other ports as a pod',
    [
      { from: [{ ipBlock: { cidr: '10.244.0.6/32' } }], ports: [tcp(80)] },
      { from: [clients], ports: [tcp(443)] },
    ],
    {
      pods: { '10.244.0.6': '{ tcp . 80, tcp . 443 }', '10.244.1.6': '{ tcp . 443 }' },
      ranges: { '10.244.0.6': '{ tcp . 80 }' },
    },
  ],
  ['a range of the other family', [{ from: [{ ipBlock: { cidr: 'fd00::/8' } }] }], { pods: {} }],
];

for (const [name, ingress, wanted] of ingressRows) {
  test(`ingress – ${name} – the guard of the selected pod allows exactly that`, () => {
    const model = modelOf({ ...web, ingress: ingress ?? [], policyTypes: ['Ingress'] });
    assert.deepEqual(guardOf(model), wanted);
    assert.equal(guardOf(model, 'egress'), undefined);
    assert.equal(guardOf(model, 'ingress', '10.244.0.6'), undefined);
  });
}

test('egress – a named port – it is the number that each peer gives the name', () => {
  const model = modelOf({
    ...web,
    egress: [{ to: [fromAll], ports: [tcp('http')] }],
    policyTypes: ['Egress'],
  });
  const nothing = 'goto deny_egress';
  assert.deepEqual(guardOf(model, 'egress'), {
    pods: {
      '10.244.0.5': '{ tcp . 8080 }',
      '10.244.0.6': nothing,
      '10.244.1.6': nothing,
      '10.244.1.7': '{ tcp . 81 }',
    },
  });
});

test('egress – a named port to any peer – pods that have the name, no other address', () => {
  const model = modelOf({ ...web, egress: [{ ports: [tcp('http')] }], policyTypes: ['Egress'] });
  const guard = guardOf(model, 'egress') as { pods: Record<string, string>; rest?: string };
  assert.equal(guard.pods['10.244.1.7'], '{ tcp . 81 }');
  assert.equal(guard.rest, undefined);
});

test('policy types – not given – ingress always, egress with egress rules', () => {
  assert.deepEqual(guardOf(modelOf({ ...web })), { pods: {} });
  assert.equal(guardOf(modelOf({ ...web }), 'egress'), undefined);
  assert.ok(guardOf(modelOf({ ...web, egress: [{ to: [clients] }] }), 'egress'));
});

test('several policies – of one pod – what any of them allows is allowed', () => {
  const model = modelOf({ ...web }, { podSelector: {}, ingress: [{ from: [clients] }] });
  assert.deepEqual(guardOf(model), { pods: { '10.244.0.6': 'return', '10.244.1.6': 'return' } });
  assert.equal(guardOf(modelOf({ ...web }, { ...web, ingress: [{}] })), undefined);
});

test('pods with equal rules – in one table – share a guard; pods of other nodes have none', () => {
  const { table } = modelOf({ podSelector: {} });
  const verdicts = [...table.maps.get('ingress4')!.elements];
  assert.deepEqual(verdicts.map(([address]) => address).sort(), ['10.244.0.5', '10.244.0.6']);
  assert.equal(new Set(verdicts.map(([, guard]) => guard)).size, 1);
});

test('a pod of the host network – selected by a policy and as a peer – is neither protected nor a peer', () => {
  const model = modelOf({ podSelector: {}, ingress: [{ from: [fromAll] }] });
  model.setPod(policyPod('agent', '192.0.2.1', { spec: { hostNetwork: true } }));
  model.settle();
  assert.ok(!JSON.stringify(guardOf(model)).includes('192.0.2.1'));
  assert.equal(guardOf(model, 'ingress', '192.0.2.1'), undefined);
});

test('an address – given to another pod while its first pod ends – belongs to the later pod', () => {
  const model = modelOf({ ...web, ingress: [{ from: [clients] }] });
  model.setPod(policyPod('heir', '10.244.1.6', { node: 'n2' }));
  model.settle();
  assert.deepEqual(guardOf(model), { pods: { '10.244.0.6': 'return' } });
  model.deletePod('default', 'heir');
  model.settle();
  assert.deepEqual(guardOf(model), { pods: { '10.244.0.6': 'return', '10.244.1.6': 'return' } });
});

test('a range that cannot be read – in an old policy – allows nothing, is reported, and the rest holds', () => {
  const model = modelOf({ ...web });
  const ipBlock = { cidr: '10.0.0.0/8', except: ['nonsense'] };
  const problems = model.setPolicy(policyOf('p0', { ...web, ingress: [{ from: [{ ipBlock }, clients] }] }));
  model.settle();
  assert.deepEqual(problems, ['spec.ingress[0].from[0].ipBlock.except[0]: Invalid value: "nonsense"']);
  assert.deepEqual(guardOf(model), { pods: { '10.244.0.6': 'return', '10.244.1.6': 'return' } });
});

test('a change – of one label – touches only the elements of that pod', () => {
  const model = modelOf({ ...web, ingress: [{ from: [clients] }] });
  model.table.takeWhole();
  model.setPod(policyPod('client', '10.244.0.6', { labels: { app: 'else' } }));
  model.settle();
  assert.match(
    model.table.takeChange(),
    /^delete element inet \S+ ingress4-\w+-pods \{ 10\.244\.0\.6 : return \}\n$/,
  );
  assert.equal(model.table.takeChange(), '');
});

test('the last policy – deleted – leaves no chain, no map, no element', () => {
  const model = modelOf({ podSelector: {}, ingress: [{ from: [clients], ports: [tcp(80)] }], egress: [] });
  model.deletePolicy('default', 'p0');
  model.settle();
  assert.deepEqual([...model.table.chains.keys()], []);
  assert.ok([...model.table.maps.values()].every(({ elements }) => elements.size === 0));
});

test('changes in any order – one by one – lead to the table that a fresh start leads to', () => {
  const changes = new RandomPolicyChanges(7);
  const model = new PolicyModel('n1', frame);
  for (let step = 0; step < 400; step++) {
    changes.next()(model);
    if (step % 3 > 0) continue;
    model.settle();
    const fresh = new PolicyModel('n1', frame);
    for (const change of changes.latest()) change(fresh);
    fresh.settle();
    assert.deepEqual(contents(model), contents(fresh), `after step ${step}`);
  }
});

function contents({ table }: PolicyModel): object {
  const sorted = <T>(entries: Iterable<[string, T]>) => [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    chains: sorted(table.chains),
    maps: sorted(table.maps).map(([name, { elements }]) => [name, sorted(elements)]),
  };
}
