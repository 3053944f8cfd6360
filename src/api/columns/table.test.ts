import assert from 'node:assert/strict';
import { test } from 'node:test';
import { humanDuration } from '#api/duration.ts';
import * as kinds from '#api/kinds.gen.ts';
import { loadSchema } from '#api/load-schema.ts';
import type { ContainerStatus, Pod } from '#api/types.gen.ts';
import { tableCells, tableColumns, tableConditions } from './table.ts';

const nowMs = Date.parse('2026-01-02T03:04:05Z');
const metadata = { name: 'a', creationTimestamp: '2026-01-02T03:00:00Z' };

test('durations are shortened as upstream does', () => {
  const cases: [number, string][] = [
    [-2, '<invalid>'],
    [0, '0s'],
    [119, '119s'],
    [120, '2m'],
    [200, '3m20s'],
    [600, '10m'],
    [10_800, '3h'],
    [12_000, '3h20m'],
    [8 * 3600, '8h'],
    [50 * 3600, '2d2h'],
    [9 * 86_400, '9d'],
    [3 * 365 * 86_400, '3y'],
    [10 * 365 * 86_400 + 5 * 86_400, '10y'],
  ];
  for (const [seconds, text] of cases) assert.equal(humanDuration(seconds * 1000), text);
});

function status(state: ContainerStatus['state'], more: Partial<ContainerStatus> = {}): ContainerStatus {
  return { name: 'c', ready: false, restartCount: 0, image: '', imageID: '', state, ...more };
}

function pod(spec: Partial<Pod['spec'] & object>, podStatus: Pod['status'], deleted = false): Pod {
  return {
    metadata: { ...metadata, ...(deleted ? { deletionTimestamp: '2026-01-02T03:04:00Z' } : {}) },
    spec: { containers: [{ name: 'c' }], ...spec },
    status: podStatus,
  };
}

const running = status({ running: {} }, { ready: true });
const lastEnd = { terminated: { exitCode: 1, finishedAt: '2026-01-02T03:04:00Z' } };

test('READY, STATUS and RESTARTS of a pod', () => {
  const cases: [string, Pod, string][] = [
    ['pending', pod({}, { phase: 'Pending' }), '0/1 Pending 0'],
    [
      'creating',
      pod(
        {},
        { phase: 'Pending', containerStatuses: [status({ waiting: { reason: 'ContainerCreating' } })] },
      ),
      '0/1 ContainerCreating 0',
    ],
    ['running', pod({}, { phase: 'Running', containerStatuses: [running] }), '1/1 Running 0'],
    [
      'crash loop',
      pod(
        {},
        {
          phase: 'Running',
          containerStatuses: [
            status({ waiting: { reason: 'CrashLoopBackOff' } }, { restartCount: 3, lastState: lastEnd }),
          ],
        },
      ),
      '0/1 CrashLoopBackOff 3 (5s ago)',
    ],
    [
      'completed',
      pod(
        {},
        {
          phase: 'Succeeded',
          containerStatuses: [status({ terminated: { exitCode: 0, reason: 'Completed' } })],
        },
      ),
      '0/1 Completed 0',
    ],
    [
      'one of two completed',
      pod(
        { containers: [{ name: 'c' }, { name: 'd' }] },
        {
          phase: 'Running',
          conditions: [{ type: 'Ready', status: 'True' }],
          containerStatuses: [status({ terminated: { exitCode: 0, reason: 'Completed' } }), running],
        },
      ),
      '1/2 Running 0',
    ],
    [
      'failed without a reason',
      pod({}, { phase: 'Failed', containerStatuses: [status({ terminated: { exitCode: 3 } })] }),
      '0/1 ExitCode:3 0',
    ],
    [
      'initializing',
      pod(
        { initContainers: [{ name: 'i' }, { name: 'j' }] },
        {
          phase: 'Pending',
          initContainerStatuses: [
            status({ terminated: { exitCode: 0, reason: 'Completed' } }),
            status({ running: {} }),
          ],
        },
      ),
      '0/1 Init:1/2 0',
    ],
    [
      'init crash loop',
      pod(
        { initContainers: [{ name: 'i' }] },
        {
          phase: 'Pending',
          initContainerStatuses: [status({ waiting: { reason: 'CrashLoopBackOff' } }, { restartCount: 2 })],
        },
      ),
      '0/1 Init:CrashLoopBackOff 2',
    ],
    [
      'a sidecar counts',
      pod(
        { initContainers: [{ name: 'i', restartPolicy: 'Always' }] },
        {
          phase: 'Running',
          initContainerStatuses: [{ ...running, name: 'i', started: true, restartCount: 1 }],
          containerStatuses: [running],
        },
      ),
      '2/2 Running 1',
    ],
    [
      'a plain init container that was started again no longer counts',
      pod(
        { initContainers: [{ name: 'i' }, { name: 's', restartPolicy: 'Always' }] },
        {
          phase: 'Running',
          initContainerStatuses: [
            status({ terminated: { exitCode: 0 } }, { name: 'i', restartCount: 4, lastState: lastEnd }),
            { ...running, name: 's', started: true, restartCount: 2 },
          ],
          containerStatuses: [running],
        },
      ),
      '2/2 Running 2',
    ],
    [
      'init ended by a signal',
      pod(
        { initContainers: [{ name: 'i' }] },
        { phase: 'Pending', initContainerStatuses: [status({ terminated: { exitCode: 137, signal: 9 } })] },
      ),
      '0/1 Init:Signal:9 0',
    ],
    [
      'completed and running together, not ready',
      pod(
        { containers: [{ name: 'c' }, { name: 'd' }] },
        {
          phase: 'Running',
          containerStatuses: [status({ terminated: { exitCode: 0, reason: 'Completed' } }), running],
        },
      ),
      '1/2 NotReady 0',
    ],
    ['terminating', pod({}, { phase: 'Running', containerStatuses: [running] }, true), '1/1 Terminating 0'],
    ['lost', pod({}, { phase: 'Running', reason: 'NodeLost' }, true), '0/1 Unknown 0'],
    ['evicted', pod({}, { phase: 'Failed', reason: 'Evicted' }), '0/1 Evicted 0'],
    [
      'gated',
      pod(
        {},
        {
          phase: 'Pending',
          conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }],
        },
      ),
      '0/1 SchedulingGated 0',
    ],
  ];
  for (const [name, object, expected] of cases) {
    assert.equal(tableCells(kinds.pods, object, nowMs).slice(1, 4).join(' '), expected, name);
  }
});

test('a row of a pod that has ended says so', () => {
  const reasonOf = (phase: string) => tableConditions(kinds.pods, pod({}, { phase }))?.[0]?.reason;
  assert.deepEqual(['Running', 'Succeeded', 'Failed'].map(reasonOf), [undefined, 'Succeeded', 'Failed']);
});

test('a wide row of a node has the architecture beside the kernel', () => {
  const nodeInfo = { kernelVersion: '6.12.76', architecture: 'arm64' };
  const cells = tableCells(kinds.nodes, { metadata, status: { nodeInfo } } as object, nowMs);
  assert.equal(cells[8], '6.12.76 (arm64)');
});

test('rows of the kinds people look at most', () => {
  const cases: [Parameters<typeof tableCells>[0], object, unknown[]][] = [
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
    assert.deepEqual(tableCells(type, { metadata, ...object }, nowMs), expected, type.resource);
  }
});

test('a row has as many cells as its kind has columns', () => {
  for (const def of loadSchema().resources) {
    if (!def.verbs.includes('list')) continue;
    const spec = {
      containers: [],
      template: {},
      jobTemplate: {},
      scaleTargetRef: {},
      source: {},
      pool: {},
      priorityLevelConfiguration: {},
    };
    const sample = { metadata, spec, roleRef: {}, involvedObject: {} };
    assert.equal(tableCells(def, sample, nowMs).length, tableColumns(def).length, def.resource);
  }
});
