/** A pod gets everything that it requests, or does not run. */

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { configMaps, runtimeClasses } from '#api/generated/kinds.gen.ts';
import { RealKubelet, shell } from '../../support/real-kubelet.ts';

const node = new RealKubelet();

before(async () => {
  await node.start();
  for (const handler of ['runc', 'runsc']) {
    await node.client.create(runtimeClasses, { metadata: { name: handler }, handler });
  }
});
after(() => node.stop());

/** The pod has an event with the reason, and nothing of it ever runs. */
async function isKeptBack(name: string, reason: string, message: string): Promise<void> {
  await node.until(`${name} has an event with the reason`, async () =>
    (await node.eventsOf(name, reason)).includes(message),
  );
  assert.equal((await node.statusOf(name)).phase, 'Pending');
  assert.deepEqual(await node.eventsOf(name, 'Started'), []);
}

test('users of its own and an unmasked /proc – a runtime without user namespaces – the host keeps its settings', async () => {
  const setting = '/proc/sys/kernel/core_pattern';
  const before = readFileSync(setting, 'utf8');
  // Writes the value that is there already: what counts is whether it may.
  const script = `v=$(cat ${setting}); echo "$v" > ${setting} && echo written; sleep 1000`;
  const unmasked = { securityContext: { procMount: 'Unmasked' } };
  await node.create('own-users', { hostUsers: false, containers: [shell(script, unmasked)] });
  await isKeptBack(
    'own-users',
    'FailedCreatePodSandBox',
    "Failed to create pod sandbox: can't set `spec.hostUsers: false`, runtime does not support user namespaces",
  );
  await assert.rejects(
    node.create('host-users', { containers: [shell(script, unmasked)] }),
    /`hostUsers` must be false to use `Unmasked`/,
  );
  await node.create('masked', { containers: [shell(`${script} 2>&1`)] });
  const log = await node.untilLogged('masked', 'Read-only file system');
  assert.doesNotMatch(log, /written/);
  assert.equal(readFileSync(setting, 'utf8'), before);
});

test('a read-only mount with all below it – the runtime cannot make one – only IfPossible gets a plain one', async () => {
  const mounting = (recursiveReadOnly: string) => ({
    volumes: [{ name: 'v', emptyDir: {} }],
    containers: [
      shell('touch /v/new; sleep 1000', {
        volumeMounts: [{ name: 'v', mountPath: '/v', readOnly: true, recursiveReadOnly }],
      }),
    ],
  });
  await node.create('deep', mounting('Enabled'));
  await node.create('shallow', mounting('IfPossible'));
  const why =
    'failed to resolve recursive read-only mode: volume "v" requested recursive read-only mode, but it is not supported by the runtime';
  await isKeptBack('deep', 'Failed', `Error: ${why}`);
  assert.deepEqual((await node.containerOf('deep')).state, {
    waiting: { reason: 'CreateContainerConfigError', message: why },
  });
  assert.match(await node.untilLogged('shallow', 'touch'), /Read-only file system/);
  const [mount] = (await node.containerOf('shallow')).volumeMounts ?? [];
  assert.deepEqual(mount, { name: 'v', mountPath: '/v', readOnly: true, recursiveReadOnly: 'Disabled' });
});

test('a runtime class – a handler that the runtime has not – the pod does not run with the default one', async () => {
  await node.create('sandboxed', { runtimeClassName: 'runsc', containers: [shell('sleep 1000')] });
  await node.create('classed', { runtimeClassName: 'runc', containers: [shell('sleep 1000')] });
  await isKeptBack(
    'sandboxed',
    'FailedCreatePodSandBox',
    'Failed to create pod sandbox: rpc error: code = Unknown desc = failed to get sandbox runtime: no runtime for "runsc" is configured',
  );
  await node.untilPhase('classed', 'Running');
});

test('a seccomp profile of the node – one that is there and one that is not – only the first pod runs', async () => {
  const dir = `${node.dir}/kubelet/seccomp`;
  mkdirSync(dir);
  const forbidding = {
    defaultAction: 'SCMP_ACT_ALLOW',
    syscalls: [{ names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO' }],
  };
  writeFileSync(`${dir}/no-directories.json`, JSON.stringify(forbidding));
  const profiled = (localhostProfile: string) => ({
    securityContext: { seccompProfile: { type: 'Localhost', localhostProfile } },
    containers: [shell('mkdir /tmp/new; sleep 1000')],
  });
  await node.create('profiled', profiled('no-directories.json'));
  await node.create('unprofiled', profiled('missing.json'));
  assert.match(await node.untilLogged('profiled', 'mkdir'), /Operation not permitted/);
  await node.until('the other has an event with the reason', async () => {
    const { waiting } = (await node.containerOf('unprofiled')).state ?? {};
    return (
      waiting?.reason === 'CreateContainerError' &&
      waiting.message?.includes('cannot load seccomp profile') === true
    );
  });
});

test('files that the kubelet writes – a mount that is not read-only – the container cannot change them', async () => {
  const data = { key: 'value' };
  await node.client.create(configMaps, { metadata: { name: 'files', namespace: 'e2e' }, data });
  await node.create('writer', {
    volumes: [{ name: 'v', configMap: { name: 'files' } }],
    containers: [
      shell('touch /v/new; cat /v/key; echo; sleep 1000', { volumeMounts: [{ name: 'v', mountPath: '/v' }] }),
    ],
  });
  const log = await node.untilLogged('writer', 'value');
  assert.match(log, /touch: \/v\/new: Read-only file system/);
});

test('devices of a claim – that is not there – the pod waits for it', async () => {
  const resourceClaims = [{ name: 'gpu', resourceClaimName: 'gpu' }];
  await node.create('claiming', { resourceClaims, containers: [shell('sleep 1000')] });
  await isKeptBack(
    'claiming',
    'FailedPrepareDynamicResources',
    'Failed to prepare dynamic resources: prepare dynamic resources: fetch ResourceClaim gpu: resourceclaims.resource.k8s.io "gpu" not found',
  );
});

test('volumes of a kind that is not built – a Fibre Channel disk – the pod waits for them', async () => {
  await node.create('fibred', {
    volumes: [{ name: 'v', fc: { targetWWNs: ['50060e801049cfd1'], lun: 0 } }],
    containers: [shell('sleep 1000', { volumeMounts: [{ name: 'v', mountPath: '/v' }] })],
  });
  await isKeptBack(
    'fibred',
    'FailedMount',
    'MountVolume.SetUp failed for volume "v" : no volume plugin matched: volumes of kind fc are not supported by this kubelet',
  );
});

test('more storage than a pod may use – a volume, the container itself – the pod is evicted, others run on', async () => {
  const limits = { 'ephemeral-storage': '4Mi' };
  const fill = (path: string) => `dd if=/dev/zero of=${path} bs=1024 count=8192; sleep 1000`;
  const withVolume = (script: string, more: object = {}) => ({
    volumes: [{ name: 'v', emptyDir: { sizeLimit: '4Mi' } }],
    containers: [shell(script, { volumeMounts: [{ name: 'v', mountPath: '/v' }], ...more })],
  });
  await node.create('volume', withVolume(fill('/v/file')));
  await node.create('layer', { containers: [shell(fill('/file'), { resources: { limits } })] });
  await node.create('modest', withVolume('touch /v/file; sleep 1000', { resources: { limits } }));
  const failed = async (name: string, message: string) => {
    const status = await node.untilPhase(name, 'Failed');
    assert.deepEqual([status.reason, status.message], ['Evicted', message]);
    assert.deepEqual(await node.eventsOf(name, 'Evicted'), [message]);
  };
  await failed('volume', 'Usage of EmptyDir volume "v" exceeds the limit "4Mi". ');
  await failed('layer', 'Pod ephemeral local storage usage exceeds the total limit of containers 4Mi. ');
  assert.equal((await node.statusOf('modest')).phase, 'Running');
});

test('a variable from a file – that an init container wrote, or linked out of its volume – only the first is read', async () => {
  const variable = (more: object = {}) => ({
    name: 'WORD',
    valueFrom: { fileKeyRef: { volumeName: 'v', path: 'env', key: 'WORD', ...more } },
  });
  const volumeMounts = [{ name: 'v', mountPath: '/v' }];
  const reading = (script: string, more: object = {}) => ({
    restartPolicy: 'Never',
    volumes: [{ name: 'v', emptyDir: {} }],
    initContainers: [{ ...shell(script, { volumeMounts }), name: 'writer' }],
    containers: [shell('echo "<$WORD>"; sleep 1', { env: [variable(more)] })],
  });
  const write = `printf "OTHER='x'\\nWORD='two\\nlines \\$HOME'\\n" > /v/env`;
  await node.create('from-file', reading(write));
  await node.create('optional', reading(write, { key: 'MISSING', optional: true }));
  await node.create('missing', reading(write, { key: 'MISSING' }));
  await node.create('linked', reading('ln -s /etc/hostname /v/env'));
  assert.match(await node.untilLogged('from-file', 'lines'), /<two\nlines \$HOME>/);
  assert.match(await node.untilLogged('optional', '>'), /<>/);
  const waiting = async (name: string, message: RegExp) =>
    node.until(`${name} has an event with the reason`, async () => {
      const { reason, message: reported } = (await node.containerOf(name)).state?.waiting ?? {};
      return reason === 'CreateContainerConfigError' && message.test(reported ?? '');
    });
  await waiting('missing', /^environment variable key "MISSING" not found in file ".*\/env"$/);
  await waiting('linked', /^couldn't parse env file$/);
});
