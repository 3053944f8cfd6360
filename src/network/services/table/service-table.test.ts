import assert from 'node:assert/strict';
import { test } from 'node:test';
import { webFrontend } from '#testing/objects/frontends.ts';
import type { Frontend } from '../frontends/frontend.ts';
import { partOf } from './part.ts';
import { ServiceTable } from './service-table.ts';

const podRange = '10.244.0.0/16';

function put(table: ServiceTable, owner: string, frontend: Frontend): void {
  table.put(
    owner,
    partOf([frontend], { family: 4, podRange, serviceRange: '10.96.0.0/16', before: table.part(owner) }),
  );
}

function tableOf(...frontends: Frontend[]): ServiceTable {
  const table = new ServiceTable(4, 't');
  for (const frontend of frontends) put(table, frontend.id, frontend);
  table.settle();
  return table;
}

const other = webFrontend({ id: 'default/api:', clusterIps: ['10.96.0.21'], nodePort: 32001 });

test('changes – none, the same service once more – empty', () => {
  const table = tableOf(webFrontend(), other);
  assert.equal(table.changes().join(''), '');
  put(table, 'default/web:http', webFrontend());
  assert.equal(table.changes().join(''), '');
});

test('changes – a backend is lost – only its elements, and the chain for one backend', () => {
  const { nodePort: _, ...web } = webFrontend();
  const table = tableOf(web, other);
  put(table, web.id, { ...web, backends: web.backends.slice(1) });
  assert.deepEqual(table.changes().join('').trim().split('\n'), [
    'add chain ip t cluster-1',
    'add rule ip t cluster-1 ip saddr != 10.244.0.0/16 jump mark_masquerade',
    'add rule ip t cluster-1 dnat ip to ip daddr . meta l4proto . th dport . numgen random mod 1 map @endpoints',
    'add rule ip t cluster-1 dnat ip to ip daddr . meta l4proto . th dport . numgen random mod 1 map @endpoints',
    'delete element ip t endpoints { 10.96.0.20 . tcp . 80 . 1, 10.96.0.20 . tcp . 80 . 0 }',
    'delete element ip t services { 10.96.0.20 . tcp . 80 }',
    'add element ip t services { 10.96.0.20 . tcp . 80 : goto cluster-1 }',
    'add element ip t endpoints { 10.96.0.20 . tcp . 80 . 0 : 10.244.0.6 . 8080 }',
  ]);
});

test('changes – the last service with a number of backends is deleted – its chains are deleted', () => {
  const table = tableOf(other);
  table.put(other.id, undefined);
  assert.deepEqual(
    table
      .changes()
      .join('')
      .split('\n')
      .filter((line) => / chain /.test(line)),
    [
      'flush chain ip t cluster-2',
      'flush chain ip t port-external-2',
      'delete chain ip t cluster-2',
      'delete chain ip t port-external-2',
    ],
  );
});
