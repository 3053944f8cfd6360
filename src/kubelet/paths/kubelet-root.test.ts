import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KubeletRoot } from './kubelet-root.ts';

const root = new KubeletRoot('/home/u/.kybern/c/node/kubelet');

const rows: [machine: string, standard: string][] = [
  ['/home/u/.kybern/c/node/kubelet', '/var/lib/kubelet'],
  ['/home/u/.kybern/c/node/kubelet/plugins', '/var/lib/kubelet/plugins'],
  ['/home/u/.kybern/c/node/kubelet/pods/a/volumes', '/var/lib/kubelet/pods/a/volumes'],
  ['/var/lib/kubelet2/pods', '/var/lib/kubelet2/pods'],
  ['/var/lib', '/var/lib'],
  ['/', '/'],
];
for (const [machine, standard] of rows) {
  test(`path – ${standard} of a pod – ${machine} of the machine`, () => {
    assert.equal(root.toMachine(standard), machine);
    assert.equal(root.toStandard(machine), standard);
  });
}

test('path – not in its normal form – compared in it', () => {
  assert.equal(root.toMachine('/var//lib/kubelet/'), '/home/u/.kybern/c/node/kubelet');
  assert.equal(root.toMachine('/var/lib/kubelet/plugins/'), '/home/u/.kybern/c/node/kubelet/plugins/');
  assert.equal(root.toMachine('/var/lib/kubelet/../other'), '/var/lib/kubelet/../other');
});
