/** `kubectl debug` with each of its profiles, on a real containerd: beside a container, on a copy of a pod, on the node. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { pods } from '#api/generated/kinds.gen.ts';
import { tryCommand } from '#host/processes/command.ts';
import { image, nodeName, RealKubelet, shell } from '../../support/real-kubelet.ts';

const node = new RealKubelet();
const namespace = 'e2e';
const help = await tryCommand(process.env['KUBECTL'] ?? 'kubectl', ['debug', '--help']);
const skip = help.stdout.includes('sysadmin') ? false : 'this kubectl knows no profiles';

before(async () => {
  await node.start();
  await node.create('target', { containers: [shell('sleep 4321')] });
  await node.untilReady('target');
});
after(() => node.stop());

/** Prints the capabilities that it has, and a word for each thing that it sees. */
const look = [
  'sh',
  '-c',
  "grep CapEff /proc/self/status; ps | grep -q 'sleep [4]321' && echo sees target; ls /host/etc >/dev/null 2>&1 && echo sees host; sleep 1",
];
/** The default ones of containerd, with SYS_PTRACE, or with NET_ADMIN. */
const usual = '00000000a80425fb';
const tracing = '00000000a80c25fb';
const netAdmin = '00000000a80435fb';
const isPrivileged = /^0+1ff/;

const profiles: [profile: string, onPod: string | RegExp, onNode: string | RegExp, seesHost: boolean][] = [
  ['general', tracing, usual, true],
  ['baseline', usual, usual, false],
  ['netadmin', netAdmin, netAdmin, false],
  ['sysadmin', isPrivileged, isPrivileged, true],
];

function check(log: string, capabilities: string | RegExp): void {
  const found = /CapEff:\s*(\w+)/.exec(log)?.[1] ?? '';
  if (typeof capabilities === 'string') assert.equal(found, capabilities);
  else assert.match(found, capabilities);
}

async function ended(pod: string, container: string): Promise<string> {
  await node.until(`${container} of ${pod} has ended`, async () => {
    const { status } = await node.client.get(pods, { namespace, name: pod });
    const { containerStatuses = [], ephemeralContainerStatuses = [] } = status ?? {};
    const own = [...containerStatuses, ...ephemeralContainerStatuses].find(({ name }) => name === container);
    return (own?.state?.terminated ?? own?.lastState?.terminated)?.exitCode === 0;
  });
  return node.kube(['logs', pod, '-c', container]);
}

for (const [profile, onPod, onNode, seesHost] of profiles) {
  test(`kubectl debug – with the profile ${profile} – works beside a container, on a copy and on the node`, {
    skip,
  }, async () => {
    const options = [`--image=${image}`, `--profile=${profile}`, '--attach=false'];
    const name = `debug-${profile}`;
    await node.kube(['debug', 'target', ...options, '--target=main', `--container=${name}`, '--', ...look]);
    const beside = await ended('target', name);
    check(beside, onPod);
    assert.match(beside, /sees target/);

    const copy = `copy-${profile}`;
    const copying = [`--copy-to=${copy}`, '--same-node', '--share-processes', `--container=${name}`];
    await node.kube(['debug', 'target', ...options, ...copying, '--', ...look]);
    const onCopy = await ended(copy, name);
    check(onCopy, onPod);
    assert.match(onCopy, /sees target/);

    const printed = await node.kube(['debug', `node/${nodeName}`, ...options, '--', ...look]);
    const onMachine = await ended(/node-debugger-[a-z0-9-]+/.exec(printed)?.[0] ?? '', 'debugger');
    check(onMachine, onNode);
    assert.equal(/sees host/.test(onMachine), seesHost);
  });
}

test('kubectl debug – with the profile restricted, of an image of root – says why nothing runs', {
  skip,
}, async () => {
  const options = [`--image=${image}`, '--profile=restricted', '--attach=false', '--container=restricted'];
  await node.kube(['debug', 'target', ...options, '--', ...look]);
  await node.until('the reason', async () => {
    const { ephemeralContainerStatuses = [] } = await node.statusOf('target');
    const { waiting } = ephemeralContainerStatuses.find(({ name }) => name === 'restricted')?.state ?? {};
    assert.equal(waiting?.reason, 'CreateContainerConfigError');
    assert.match(waiting.message ?? '', /^container has runAsNonRoot and image will run as root /);
    return true;
  });
});

test('a privileged init container – of a pod whose others are not – runs', async () => {
  const init = {
    ...shell('grep CapEff /proc/self/status'),
    name: 'init',
    securityContext: { privileged: true },
  };
  await node.create('prepared', { initContainers: [init], containers: [shell('sleep 1000')] });
  await node.untilReady('prepared');
  check(await node.kube(['logs', 'prepared', '-c', 'init']), isPrivileged);
});
