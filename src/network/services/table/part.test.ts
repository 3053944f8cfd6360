import assert from 'node:assert/strict';
import { test } from 'node:test';
import { webFrontend, webFrontend6 } from '#testing/objects/frontends.ts';
import type { Frontend } from '../frontends/frontend.ts';
import { partOf } from './part.ts';

const podRange = '10.244.0.0/16';
const serviceRange = '10.96.0.0/16';
const noBackends = { backends: [], hairpinIps: [] };

function elementsOf(frontend: Frontend): string[] {
  const { elements } = partOf([frontend], { family: frontend.family, podRange, serviceRange });
  return [...elements].map(([element, value]) => (value ? `${element} : ${value}` : element));
}

function rulesOf(frontend: Frontend, kind: string): string[] {
  const { chains } = partOf([frontend], { family: frontend.family, podRange, serviceRange });
  const name = [...chains.keys()].find((chain) => chain.startsWith(kind)) ?? '';
  return (chains.get(name) ?? '').split('\n').map((rule) => rule.replace(/-[0-9a-f]{16}/g, ''));
}

test('a service – with a cluster IP and a node port – an element for each, and for each of their backends', () => {
  assert.deepEqual(elementsOf(webFrontend()), [
    'services 10.96.0.20 . tcp . 80 : goto cluster-2',
    'endpoints 10.96.0.20 . tcp . 80 . 0 : 10.244.0.5 . 8080',
    'endpoints 10.96.0.20 . tcp . 80 . 1 : 10.244.0.6 . 8080',
    'nodeports tcp . 32000 : goto port-external-2',
    'port_endpoints tcp . 32000 . 0 : 10.244.0.5 . 8080',
    'port_endpoints tcp . 32000 . 1 : 10.244.0.6 . 8080',
    'hairpin 10.244.0.5 . 10.244.0.5',
  ]);
  assert.deepEqual(rulesOf(webFrontend(), 'cluster'), [
    'ip saddr != 10.244.0.0/16 jump mark_masquerade',
    'dnat ip to ip daddr . meta l4proto . th dport . numgen random mod 2 map @endpoints',
    'dnat ip to ip daddr . meta l4proto . th dport . numgen random mod 1 map @endpoints',
  ]);
});

test('a service – of IPv6 – the same elements', () => {
  assert.deepEqual(elementsOf(webFrontend6()), [
    'services fd00:96::20 . tcp . 80 : goto cluster-2',
    'endpoints fd00:96::20 . tcp . 80 . 0 : fd00:244::5 . 8080',
    'endpoints fd00:96::20 . tcp . 80 . 1 : fd00:244::6 . 8080',
    'nodeports tcp . 32000 : goto port-external-2',
    'port_endpoints tcp . 32000 . 0 : fd00:244::5 . 8080',
    'port_endpoints tcp . 32000 . 1 : fd00:244::6 . 8080',
    'hairpin fd00:244::5 . fd00:244::5',
  ]);
});

test('a service – without backends – rejects, does not forward', () => {
  assert.deepEqual(elementsOf(webFrontend(noBackends)), [
    'rejected_services 10.96.0.20 . tcp . 80 : goto refuse',
    'rejected_nodeports tcp . 32000 : goto refuse',
  ]);
});

test('internal policy Local – without a backend here – dropped, as upstream', () => {
  assert.deepEqual(elementsOf(webFrontend({ backends: [], nodePort: undefined as never })).slice(0, 1), [
    'rejected_services 10.96.0.20 . tcp . 80 : goto refuse',
  ]);
  const here = webFrontend();
  assert.deepEqual(
    elementsOf({ ...here, backends: [] })[0],
    'rejected_services 10.96.0.20 . tcp . 80 : drop',
  );
});

test('policy Local – a backend here and one elsewhere – outside clients get the one here', () => {
  const local = webFrontend({ keepsSource: true, externalBackends: [{ ip: '10.244.0.5', port: 8080 }] });
  assert.deepEqual(
    elementsOf(local).filter((element) => /port/.test(element)),
    [
      'nodeports tcp . 32000 : goto port-local-2-1',
      'port_endpoints tcp . 32000 . 0 : 10.244.0.5 . 8080',
      'port_endpoints tcp . 32000 . 1 : 10.244.0.6 . 8080',
      'port_endpoints tcp . 32000 . 65536 : 10.244.0.5 . 8080',
    ],
  );
  assert.deepEqual(rulesOf(local, 'port-local'), [
    'ip saddr 10.244.0.0/16 goto port-any-2',
    'fib saddr type local jump mark_masquerade',
    'fib saddr type local goto port-any-2',
    'dnat ip to meta l4proto . th dport . numgen random mod 1 offset 65536 map @port_endpoints',
    'dnat ip to meta l4proto . th dport . numgen random mod 1 offset 65536 map @port_endpoints',
  ]);
});

test('policy Local – without a backend here – outside clients are dropped, pods and programs of the node served', () => {
  const local = webFrontend({ externalBackends: [], keepsSource: true });
  assert.ok(elementsOf(local).includes('rejected_nodeports tcp . 32000 : drop'));
  assert.deepEqual(rulesOf(local, 'port-local').slice(1), [
    'fib saddr type local jump mark_masquerade',
    'fib saddr type local goto port-any-2',
  ]);
});

test('session affinity – two backends – a client goes to the backend whose set has it', () => {
  const sticky = webFrontend({ affinitySeconds: 60 });
  assert.deepEqual(rulesOf(sticky, 'svc'), [
    'ip saddr != 10.244.0.0/16 jump mark_masquerade',
    'ip saddr @aff goto ep',
    'ip saddr @aff goto ep',
    'numgen random mod 2 vmap { 0 : goto ep, 1 : goto ep }',
  ]);
  assert.deepEqual(rulesOf(sticky, 'ep'), [
    'update @aff { ip saddr }',
    'meta l4proto tcp dnat to 10.244.0.5:8080',
  ]);
  const { sets } = partOf([sticky], { family: 4, podRange, serviceRange });
  assert.deepEqual([...sets.values()], Array(2).fill('type ipv4_addr; flags dynamic,timeout; timeout 60s;'));
});

test('a load balancer’s address – with source ranges – is reached from them only', () => {
  const guarded = webFrontend({
    externalIps: ['192.0.2.9', '192.0.2.10'],
    guardedIps: ['192.0.2.9'],
    sourceRanges: ['10.0.0.0/8', '10.1.0.0/16'],
  });
  const elements = elementsOf(guarded).filter((element) => element.startsWith('guarded'));
  assert.match(elements.join(), /^guarded_services 192\.0\.2\.9 \. tcp \. 80 : goto guard-\w+$/);
  assert.deepEqual(rulesOf(guarded, 'guard'), [
    'ip saddr 10.0.0.0/8 return',
    'ip saddr 10.1.0.0/16 return',
    'drop',
  ]);
});

test('an external address – that is the cluster IP of another service – leads nowhere', () => {
  const thief = webFrontend({ clusterIps: ['10.96.0.21'], externalIps: ['10.96.0.10', '192.0.2.9'] });
  const taken = elementsOf(thief).filter((element) => / (10\.96\.0\.10|192\.0\.2\.9) /.test(element));
  assert.deepEqual(taken.length > 0 && taken.every((element) => element.includes('192.0.2.9')), true);
});
