import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storedPod } from '#testing/objects.ts';
import { pinnedResize } from './pinned-resize.ts';

function podOf(request: string, cpu: string, memory = '64Mi') {
  const resources = { requests: { cpu: request, memory }, limits: { cpu, memory } };
  return storedPod('p', { spec: { containers: [{ name: 'main', resources }] } });
}

const infeasible = 'Resize is infeasible for Guaranteed Pods alongside CPU Manager policy "static"';

const rows: [
  what: string,
  running: ReturnType<typeof podOf>,
  pod: ReturnType<typeof podOf>,
  message?: string,
][] = [
  ['another cpu of a Guaranteed pod', podOf('1', '1'), podOf('2', '2'), infeasible],
  ['the same cpu in other words', podOf('1', '1'), podOf('1000m', '1000m')],
  ['another memory', podOf('1', '1'), podOf('1', '1', '128Mi')],
  ['another cpu of a Burstable pod', podOf('1', '2'), podOf('2', '3')],
];

for (const [what, running, pod, message] of rows) {
  test(`a resize under the static policy – ${what} – is ${message ? 'Infeasible' : 'allowed'}`, () => {
    const found = pinnedResize(pod, running);
    assert.equal(found?.message, message);
    assert.equal(found?.reason, message && 'Infeasible');
  });
}
