import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { storedPod } from '#testing/objects.ts';
import type { ContainerStatus, Pod } from '../../generated/types.gen.ts';
import { podPrinter } from './columns.ts';

const nowMs = Date.parse('2026-01-02T03:04:05Z');
const metadata = { name: 'a', creationTimestamp: '2026-01-02T03:00:00Z' };

function status(state: ContainerStatus['state'], more: Partial<ContainerStatus> = {}): ContainerStatus {
  return { name: 'c', ready: false, restartCount: 0, image: '', imageID: '', state, ...more };
}

function pod(spec: Partial<Pod['spec'] & object>, podStatus: Pod['status'], deleted = false): Pod {
  const end = deleted ? { deletionTimestamp: '2026-01-02T03:04:00Z' } : {};
  return storedPod('a', {
    metadata: { ...metadata, ...end },
    spec,
    ...(podStatus ? { status: podStatus } : {}),
  });
}

const running = status({ running: {} }, { ready: true });
const lastEnd = { terminated: { exitCode: 1, finishedAt: '2026-01-02T03:04:00Z' } };

describe('READY, STATUS and RESTARTS of a pod – in every state – as upstream’s printer', () => {
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
    test(name, () => {
      assert.equal(podPrinter.cells(object, nowMs).slice(1, 4).join(' '), expected);
    });
  }
});

test('a row of a pod that has ended – is marked as completed', () => {
  const reasonOf = (phase: string) => podPrinter.conditions!(pod({}, { phase }))?.[0]?.reason;
  assert.deepEqual(['Running', 'Succeeded', 'Failed'].map(reasonOf), [undefined, 'Succeeded', 'Failed']);
});
