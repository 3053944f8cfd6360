/** The table rows of every kind, whose columns stand in the kinds' own files. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { upstreamTable } from '#testing/upstream-table.ts';
import * as kinds from '../generated/kinds.gen.ts';
import { plainPrinter } from '../kind/printer.ts';
import { loadSchema } from '../schema/load-schema.ts';
import { kindOf } from './kinds.ts';
import { zeroObject } from './zero-objects.ts';

const printerOf = (type: Parameters<typeof kindOf>[0]) => kindOf(type).printer ?? plainPrinter;
const nowMs = Date.parse('2026-01-02T03:04:05Z');
const metadata = { name: 'a', creationTimestamp: '2026-01-02T03:00:00Z' };

test('a wide row of a node – has the architecture beside the kernel', () => {
  const nodeInfo = { kernelVersion: '6.12.76', architecture: 'arm64' };
  const cells = printerOf(kinds.nodes).cells({ metadata, status: { nodeInfo } } as object, nowMs);
  assert.equal(cells[8], '6.12.76 (arm64)');
});

describe("rows of the most used kinds – have upstream's cells", () => {
  const cases: [Parameters<typeof kindOf>[0], object, unknown[]][] = [
    [
      kinds.deployments,
      {
        spec: {
          replicas: 3,
          selector: { matchLabels: { app: 'a' } },
          template: { spec: { containers: [{ name: 'c', image: 'i:1' }] } },
        },
        status: { readyReplicas: 2, updatedReplicas: 3, availableReplicas: 2 },
      },
      ['a', '2/3', 3, 2, '4m5s', 'c', 'i:1', 'app=a'],
    ],
    [
      kinds.services,
      {
        spec: {
          type: 'NodePort',
          clusterIPs: ['10.96.0.9'],
          ports: [{ port: 80, nodePort: 30080, protocol: 'TCP' }],
        },
      },
      ['a', 'NodePort', '10.96.0.9', '<none>', '80:30080/TCP', '4m5s', '<none>'],
    ],
    [
      kinds.nodes,
      {
        metadata: { ...metadata, labels: { 'node-role.kubernetes.io/control-plane': '' } },
        spec: { unschedulable: true },
        status: {
          conditions: [{ type: 'Ready', status: 'True' }],
          nodeInfo: { kubeletVersion: 'v1.36.0' },
          addresses: [{ type: 'InternalIP', address: '10.0.0.1' }],
        },
      },
      [
        'a',
        'Ready,SchedulingDisabled',
        'control-plane',
        '4m5s',
        'v1.36.0',
        '10.0.0.1',
        '<none>',
        '<unknown>',
        '<unknown>',
        '<unknown>',
      ],
    ],
    [
      kinds.endpoints,
      { subsets: [{ addresses: [1, 2, 3, 4].map((n) => ({ ip: `10.0.0.${n}` })), ports: [{ port: 80 }] }] },
      ['a', '10.0.0.1:80,10.0.0.2:80,10.0.0.3:80 + 1 more...', '4m5s'],
    ],
    [
      kinds.jobs,
      {
        spec: { completions: 1, template: {} },
        status: { succeeded: 1, conditions: [{ type: 'Complete', status: 'True' }] },
      },
      ['a', 'Complete', '1/1', '', '4m5s', '', '', '<none>'],
    ],
    [
      kinds.events,
      {
        involvedObject: { kind: 'Pod', name: 'p' },
        source: { component: 'kubelet', host: 'n' },
        type: 'Normal',
        reason: 'Pulled',
        message: 'm ',
        firstTimestamp: '2026-01-02T03:04:00Z',
        lastTimestamp: '2026-01-02T03:04:04Z',
        count: 2,
      },
      ['1s', 'Normal', 'Pulled', 'pod/p', '', 'kubelet, n', 'm', '5s', 2, 'a'],
    ],
    [kinds.configMaps, { data: { a: '1' }, binaryData: { b: '' } }, ['a', 2, '4m5s']],
    [kinds.clusterRoles, { rules: [] }, ['a', '2026-01-02T03:00:00Z']],
  ];
  for (const [type, object, expected] of cases) {
    test(type.resource, () => {
      assert.deepEqual(printerOf(type).cells({ metadata, ...object }, nowMs), expected);
    });
  }
});

interface ZeroRow {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly object: object;
  readonly columns: readonly unknown[];
  readonly cells: readonly unknown[];
}

describe("an object that nothing is set in, its columns and its row – of any kind – are upstream's", () => {
  for (const row of upstreamTable<ZeroRow>('zero-objects.jsonl')) {
    test(`${row.group}/${row.version} ${row.resource}`, () => {
      const schema = loadSchema();
      const def = schema.resources.find(
        ({ group, version, resource }) =>
          group === row.group && version === row.version && resource === row.resource,
      )!;
      const zero = zeroObject({ def, schema });
      const { columns, cells } = printerOf(def);
      const shown = columns.map(({ name, type, format, priority }) => [name, type, format, priority]);
      assert.deepEqual(
        { object: zero, columns: shown, cells: cells(zero, nowMs) },
        { object: row.object, columns: row.columns, cells: row.cells },
      );
    });
  }
});

test('the columns of every kind – but one that upstream does not describe – have a description', () => {
  const columns = Object.values(kinds).flatMap((type) => printerOf(type).columns);
  const without = columns.filter(({ description }) => description === '').map(({ name }) => name);
  assert.deepEqual(without, ['Handler']);
});
