import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NodePod } from '../pod/pod.ts';
import type { PodView } from '../runtime/pod-view.ts';
import { containerStatuses } from './container-statuses.ts';

/** What is told of the end of the first of so many containers. */
function toldOf(message: string, lastWords: string, containers = 1): string | undefined {
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
  const words = Buffer.from(lastWords, 'latin1');
  const [status] = containerStatuses(
    {
      pod: pod as unknown as NodePod,
      view: { sandboxes: [], containers: [{ ...ended, lastWords: words }] } as unknown as PodView,
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

test('last words that are no UTF-8 are told with one sign for each such byte', () => {
  assert.equal(toldOf('', 'caf\xe9 \xff\xfe\n'), 'caf\u{fffd} \u{fffd}\u{fffd}\n');
  assert.equal(toldOf('', 'caf\xc3\xa9'), 'café');
});

test('what the runtime says of an end and what the container says stand together', () => {
  assert.equal(toldOf('', ''), undefined);
  assert.equal(toldOf('no such file', ''), 'no such file');
  assert.equal(toldOf('killed', 'bye'), 'killed: bye');
});

test('the containers of a pod share the room for last words, which is counted in bytes', () => {
  const told = toldOf('', '\xc3\xa9'.repeat(2000), 4) ?? '';
  assert.equal(told, 'é'.repeat(1536));
  const odd = toldOf('', `x${'\xc3\xa9'.repeat(2000)}`, 4) ?? '';
  assert.equal(odd, `x${'é'.repeat(1535)}\u{fffd}`);
});
