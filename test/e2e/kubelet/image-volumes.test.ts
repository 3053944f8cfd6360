/** Images as volumes on a real containerd: read-only, over a restart of the kubelet, gone with the pod. */

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { events, pods } from '#api/generated/kinds.gen.ts';
import { tryCommand } from '#host/processes/command.ts';
import { image, nodeName, RealKubelet, shell } from '../../support/real-kubelet.ts';

const node = new RealKubelet();
const exec = (...command: string[]) => node.kube(['exec', 'reader', '--', ...command]);

before(() => node.start());
after(() => node.stop());

async function snapshots(): Promise<string> {
  const args = ['--address', node.containerd.socket, '--namespace', 'k8s.io', 'snapshots', 'list'];
  return (await tryCommand('ctr', args)).stdout;
}

test('an image volume – of a running pod – shows the files of the image, and is gone with the pod', async () => {
  await node.create('reader', {
    terminationGracePeriodSeconds: 0,
    containers: [
      shell('while true; do sleep 1; done', {
        volumeMounts: [
          { name: 'tools', mountPath: '/tools' },
          { name: 'tools', mountPath: '/part', subPath: 'bin' },
        ],
      }),
      shell('while true; do sleep 1; done', {
        name: 'waiting',
        volumeMounts: [{ name: 'missing', mountPath: '/missing' }],
      }),
    ],
    volumes: [
      { name: 'tools', image: { reference: image, pullPolicy: 'IfNotPresent' } },
      { name: 'missing', image: { reference: 'kybern.test/missing:1', pullPolicy: 'Never' } },
    ],
  });
  const states = async () =>
    (await node.statusOf('reader')).containerStatuses?.map(({ state }) => state) ?? [];
  await node.until('one container runs', async () => (await states()).some((state) => state?.running));
  await node.until('the other waits for its image', async () =>
    (await states()).some((state) => state?.waiting?.reason === 'ErrImageNeverPull'),
  );
  const { items } = await node.client.list(events, { namespace: 'e2e' });
  const placesOf = (reason: string, message: RegExp) =>
    new Set(
      items
        .filter((event) => event.reason === reason && message.test(event.message ?? ''))
        .map(({ involvedObject }) => involvedObject.fieldPath ?? 'the pod'),
    );
  assert.deepEqual([...placesOf('ErrImageNeverPull', /missing/)], ['the pod']);
  assert.deepEqual([...placesOf('Failed', /^Error: ErrImageNeverPull$/)], ['spec.containers{waiting}']);
  const inside = await exec('ls', '/bin');
  assert.equal(await exec('/tools/bin/busybox', 'echo', 'runs'), 'runs\n');
  assert.equal(await exec('ls', '/tools/bin'), inside);
  assert.equal(await exec('ls', '/part'), inside);
  await assert.rejects(exec('touch', '/tools/new'), /Read-only file system/);

  const counted = await node.kube(['get', '--raw', `/api/v1/nodes/${nodeName}/proxy/metrics`]);
  assert.match(counted, /^kubelet_image_volume_mounted_succeed_total 1$/m);

  await node.kubelet.stop();
  await node.startKubelet();
  assert.equal(await exec('ls', '/tools/bin'), inside);
  const { metadata } = await node.client.get(pods, { namespace: 'e2e', name: 'reader' });
  const { uid } = metadata;
  assert.match(await snapshots(), new RegExp(uid));
  await node.kube(['delete', 'pod', 'reader']);
  await node.until('the volume is gone', async () => !existsSync(`${node.dir}/kubelet/pods/${uid}`));
  assert.doesNotMatch(await snapshots(), new RegExp(uid));
});
