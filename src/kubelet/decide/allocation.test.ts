import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerStatus, ResourceRequirements } from '#api/generated/types.gen.ts';
import { storedPod } from '#testing/objects.ts';
import type { NodePod } from '../pod/pod.ts';
import { Allocation, isSame, resourcesAnnotation, wantsRestart } from './allocation.ts';

const cpu = (limit: string): ResourceRequirements => ({ limits: { cpu: limit } });
const podWith = (resources: ResourceRequirements, status: Partial<ContainerStatus>[] = []): NodePod =>
  storedPod('p', {
    spec: { containers: [{ name: 'a', resources }] },
    status: { containerStatuses: status as ContainerStatus[] },
  });
const limitOf = (pod: NodePod) => pod.spec.containers[0]?.resources?.limits?.['cpu'];

test('new resources – before the resize is granted – change nothing', () => {
  const allocation = new Allocation(podWith(cpu('1')));
  const resized = podWith(cpu('2'));
  assert.equal(allocation.differs(resized), true);
  assert.equal(limitOf(allocation.applied(resized)), '1');
  allocation.grant(resized);
  assert.equal(allocation.differs(resized), false);
  assert.equal(limitOf(allocation.applied(resized)), '2');
});

test('new resources of an init container – before the resize is granted – change nothing', () => {
  const podOf = (resources: ResourceRequirements): NodePod =>
    storedPod('p', { spec: { initContainers: [{ name: 'i', resources }], containers: [{ name: 'a' }] } });
  const initLimit = ({ spec }: NodePod) => spec.initContainers?.[0]?.resources?.limits?.['cpu'];
  const allocation = new Allocation(podOf(cpu('1')));
  const resized = podOf(cpu('2'));
  assert.equal(initLimit(allocation.applied(resized)), '1');
  allocation.grant(resized);
  assert.equal(initLimit(allocation.applied(resized)), '2');
});

test('a kubelet – after a restart – uses the reported resources of running containers', () => {
  const reported = [{ name: 'a', containerID: 'containerd://c1', resources: cpu('1') }];
  const allocation = new Allocation(podWith(cpu('2'), reported));
  assert.equal(limitOf(allocation.applied(podWith(cpu('2')))), '1');
  const container = { name: 'a', resources: cpu('2') };
  assert.deepEqual(allocation.actual(container, { id: 'c1', annotations: {} }), cpu('1'));
  const written = { [resourcesAnnotation]: JSON.stringify(cpu('3')) };
  assert.deepEqual(allocation.actual(container, { id: 'c2', annotations: written }), cpu('3'));
});

test('a resize – of anything but cpu and memory – is ignored', () => {
  assert.ok(isSame({ requests: { 'ephemeral-storage': '1Gi' } }, {}));
  assert.ok(!isSame({ requests: { memory: '1Gi' } }, {}));
});

test('a resized container – a changed resource has the policy RestartContainer – restarts', () => {
  const resizePolicy = [{ resourceName: 'memory', restartPolicy: 'RestartContainer' }];
  const container = { name: 'a', resizePolicy };
  assert.equal(wantsRestart(container, cpu('1'), cpu('2')), false);
  assert.equal(wantsRestart(container, cpu('1'), { limits: { cpu: '1', memory: '1Gi' } }), true);
});
