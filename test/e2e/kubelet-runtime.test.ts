/** What the kubelet hears from a real containerd, and what it does about one that does not answer. */

import { after, before, test } from 'node:test';
import { RealKubelet, shell } from '../support/real-kubelet.ts';

const node = new RealKubelet();

before(() => node.start());
after(() => node.stop());

test('containerd tells of starts, ends and its own end, and not of commands run in a container', async () => {
  let told = 0;
  let isOver = false;
  const unfollow = node.runtime.follow!(
    () => told++,
    () => {
      isOver = true;
    },
  );
  const running = { restartPolicy: 'Never', containers: [shell('sleep 1000')] };
  await node.create('first', running);
  await node.untilPhase('first', 'Running');
  await node.until('its sandbox and container', async () => told === 2);
  for (const code of [0, 1])
    await node.kube(['exec', 'first', '--', 'sh', '-c', `exit ${code}`]).catch(String);
  await node.create('second', running);
  await node.untilPhase('second', 'Running');
  await node.until('these and nothing between', async () => told === 4);
  await node.kube(['delete', 'pod', 'first', 'second', '--now']);
  await node.until('four ends and removals', async () => told === 12);
  process.kill(node.containerd.pid, 'SIGKILL');
  await node.until('containerd is heard no more', async () => isOver);
  unfollow();
});

test('after containerd came back the end of a container is noticed', async () => {
  await node.create('third', { restartPolicy: 'Never', containers: [shell('sleep 1')] });
  await node.untilPhase('third', 'Succeeded');
});
