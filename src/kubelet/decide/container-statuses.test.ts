import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NodePod } from '../pod/pod.ts';
import type { PodView } from '../runtime/pod-view.ts';
import { containerStatuses } from './container-statuses.ts';

/** The termination message of the first of `containers` containers. */
function messageOf(message: string, terminationMessage: string, containers = 1): string | undefined {
  const list = Array.from({ length: containers }, (_, i) => ({ name: `c${i}` }));
  const pod = { metadata: { uid: 'u' }, spec: { containers: list, restartPolicy: 'Never' } };
  const ended = {
    name: 'c0',
    startedAtMs: 0,
    finishedAtMs: 0,
    state: 'exited',
    exitCode: 1,
    annotations: {},
    message,
    createdAtMs: 0,
  };
  const words = Buffer.from(terminationMessage, 'latin1');
  const [status] = containerStatuses(
    {
      pod: pod as unknown as NodePod,
      view: { sandboxes: [], containers: [{ ...ended, terminationMessage: words }] } as unknown as PodView,
      before: undefined,
      failures: new Map(),
      readiness: () => false,
      startup: () => false,
      ended: false,
    },
    [{ name: 'c0' }],
    'main',
  );
  return status?.state?.terminated?.message;
}

test('a termination message – bytes that are not UTF-8 – one character for each such byte', () => {
  assert.equal(messageOf('', 'caf\xe9 \xff\xfe\n'), 'caf\u{fffd} \u{fffd}\u{fffd}\n');
  assert.equal(messageOf('', 'caf\xc3\xa9'), 'café');
});

test('the message of an ended container – runtime and container both have one – holds both', () => {
  assert.equal(messageOf('', ''), undefined);
  assert.equal(messageOf('no such file', ''), 'no such file');
  assert.equal(messageOf('killed', 'bye'), 'killed: bye');
});

test('termination messages – of all containers of a pod – share one bound, which counts bytes', () => {
  const shown = messageOf('', '\xc3\xa9'.repeat(2000), 4) ?? '';
  assert.equal(shown, 'é'.repeat(1536));
  const odd = messageOf('', `x${'\xc3\xa9'.repeat(2000)}`, 4) ?? '';
  assert.equal(odd, `x${'é'.repeat(1535)}\u{fffd}`);
});
