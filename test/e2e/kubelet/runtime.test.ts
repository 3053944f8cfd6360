/**
 * The kubelet and a real containerd: its events, calls without an answer, and the mounts that it is given.
 */

import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { after, before, test } from 'node:test';
import { pods } from '#api/generated/kinds.gen.ts';
import { RealKubelet, shell } from '../../support/real-kubelet.ts';

const cni = '/usr/lib/cni';
const dir = mkdtempSync(`${tmpdir()}/kybern-cni-`);
const node = new RealKubelet(dir);

before(() => {
  for (const name of readdirSync(cni)) if (name !== 'bridge') symlinkSync(`${cni}/${name}`, `${dir}/${name}`);
  // Hangs while there is a file `hang`, and records its caller in `asked`.
  const script = `#!/bin/sh
if [ "$CNI_COMMAND" = ADD ] && [ -e ${dir}/hang ]; then echo $$ > ${dir}/asked; exec sleep 1000; fi
exec ${cni}/bridge
`;
  writeFileSync(`${dir}/bridge`, script, { mode: 0o755 });
  return node.start();
});
after(async () => {
  await node.stop();
  rmSync(dir, { recursive: true });
});

async function deleteAndWait(name: string): Promise<void> {
  const key = { namespace: 'e2e', name };
  await node.client.delete(pods, key);
  await node.until('it is gone', () =>
    node.client.get(pods, key).then(
      () => false,
      () => true,
    ),
  );
}

test("containerd's events – of starts, ends and its own end – are reported, those of exec are not", async () => {
  let reported = 0;
  let isOver = false;
  const unfollow = node.runtime.follow!(
    () => reported++,
    () => {
      isOver = true;
    },
  );
  const running = { restartPolicy: 'Never', containers: [shell('sleep 1000')] };
  await node.create('first', running);
  await node.untilPhase('first', 'Running');
  await node.until('its sandbox and container', async () => reported === 2);
  for (const code of [0, 1]) {
    await node.kube(['exec', 'first', '--', 'sh', '-c', `exit ${code}`]).catch(String);
  }
  await node.create('second', running);
  await node.untilPhase('second', 'Running');
  await node.until('these and nothing between', async () => reported === 4);
  await node.kube(['delete', 'pod', 'first', 'second', '--now']);
  await node.until('four ends and removals', async () => reported === 12);
  process.kill(node.containerd.pid, 'SIGKILL');
  await node.until('containerd is heard no more', async () => isOver);
  unfollow();
});

test('a container – that ends after containerd came back – is noticed', async () => {
  await node.create('third', { restartPolicy: 'Never', containers: [shell('sleep 1')] });
  await node.untilPhase('third', 'Succeeded');
});

test('a pod – whose sandbox is never made – is deleted, and nothing of it is left', async () => {
  writeFileSync(`${dir}/hang`, '');
  await node.create('hanging', { containers: [shell('sleep 1000')] });
  await node.until('the network was asked', async () => existsSync(`${dir}/asked`));
  await deleteAndWait('hanging');
  const asked = readFileSync(`${dir}/asked`, 'utf8').trim();
  await node.until('no process waits for the network', async () => !existsSync(`/proc/${asked}`));
  assert.deepEqual(await node.eventsOf('hanging', 'FailedCreatePodSandBox'), []);
  rmSync(`${dir}/hang`);
  await node.create('next', { restartPolicy: 'Never', containers: [shell('true')] });
  await node.untilPhase('next', 'Succeeded');
  const names = async () => (await node.runtime.listPodSandboxes()).map(({ name }) => name);
  await node.until('no sandbox is left', async () => !(await names()).includes('hanging'));
});

test('a pull – its pod is deleted – is cancelled', async () => {
  const asked = Promise.withResolvers<void>();
  const over = Promise.withResolvers<void>();
  const registry = createServer((request) => {
    asked.resolve();
    request.socket.once('close', over.resolve);
  });
  await new Promise<void>((resolve) => registry.listen(0, '127.0.0.1', resolve));
  const { port } = registry.address() as AddressInfo;
  await node.create('pulling', { containers: [{ name: 'main', image: `127.0.0.1:${port}/slow:1` }] });
  await asked.promise;
  await deleteAndWait('pulling');
  await over.promise;
  registry.close();
});

test('sub-paths of a volume – over restarts – stay mounted; the volume outlives the pod with its files', async () => {
  const volume = `${dir}/volume`;
  mkdirSync(`${volume}/part/deep`, { recursive: true });
  writeFileSync(`${volume}/part/deep/kept`, 'kept');
  writeFileSync(`${volume}/file`, 'kept too');
  symlinkSync('part/deep', `${volume}/link`);
  const volumeMounts = [
    { name: 'v', mountPath: '/part', subPath: 'link' },
    { name: 'v', mountPath: '/etc/file', subPath: 'file', readOnly: true },
    { name: 'v', mountPath: '/made', subPath: 'new/one' },
  ];
  const script =
    'cat /part/kept /etc/file; echo; echo x >> /made/lives; [ $(cat /made/lives | wc -l) = 1 ] || sleep 1000';
  await node.create('parts', {
    restartPolicy: 'OnFailure',
    containers: [shell(`${script}; exit 1`, { volumeMounts })],
    volumes: [{ name: 'v', hostPath: { path: volume } }],
  });
  await node.until('its second life', async () => (await node.containerOf('parts')).restartCount === 1);
  await node.untilLogged('parts', 'keptkept too');
  const mounted = () => {
    const places = readFileSync('/proc/mounts', 'utf8')
      .split('\n')
      .map((line) => line.split(' ')[1] ?? '');
    return places.filter((place) => place.startsWith(`${node.dir}/`) && place.includes('/volume-subpaths/'));
  };
  assert.deepEqual(
    mounted().map((place) => place.split('/volume-subpaths/')[1]),
    ['v/main/0', 'v/main/1', 'v/main/2'],
  );
  await deleteAndWait('parts');
  await node.until('nothing is mounted', async () => mounted().length === 0);
  assert.equal(readFileSync(`${volume}/part/deep/kept`, 'utf8'), 'kept');
  assert.equal(readFileSync(`${volume}/file`, 'utf8'), 'kept too');
  assert.equal(readFileSync(`${volume}/new/one/lives`, 'utf8'), 'x\nx\n');
});
