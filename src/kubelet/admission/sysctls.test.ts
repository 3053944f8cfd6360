/** What upstream's allowlist says of a setting, on a node that allows some unsafe ones. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readUnsafeSysctls } from '#api/configuration/kubelet/unsafe-sysctls.ts';
import type { PodSpec } from '#api/generated/types.gen.ts';
import { storedPod } from '#testing/objects.ts';
import { unsafeSysctl } from './sysctls.ts';

const allowed = readUnsafeSysctls(['kernel.msg*', 'net.core.somaxconn', 'fs/mqueue/*']);

const table: [name: string, more: Partial<PodSpec>, message: string | undefined][] = [
  ['net.ipv4.tcp_syncookies', {}, undefined],
  ['net/ipv4/tcp_syncookies', {}, undefined],
  ['kernel.shm_rmid_forced', { hostNetwork: true }, undefined],
  ['kernel.shm_rmid_forced', { hostIPC: true }, '"kernel.shm_rmid_forced" not allowed with host ipc enabled'],
  ['net.core.somaxconn', {}, undefined],
  ['net.core.somaxconn', { hostNetwork: true }, '"net.core.somaxconn" not allowed with host net enabled'],
  ['net.core.somaxconn2', {}, '"net.core.somaxconn2" not allowlisted'],
  ['kernel.msgmax', {}, undefined],
  ['kernel/msgmax', { hostIPC: true }, '"kernel.msgmax" not allowed with host ipc enabled'],
  ['fs.mqueue.msg_max', {}, undefined],
  ['kernel.sem', {}, '"kernel.sem" not allowlisted'],
  ['vm.swappiness', {}, '"vm.swappiness" not allowlisted'],
];

for (const [name, more, message] of table) {
  const what = Object.keys(more).join() || 'of a plain pod';
  test(`a kernel setting – ${name}, ${what} – is ${message === undefined ? 'admitted' : 'refused'}`, () => {
    const securityContext = { sysctls: [{ name, value: '1' }] };
    const pod = storedPod('p', { spec: { containers: [], securityContext, ...more } });
    const reason =
      message === undefined
        ? undefined
        : { reason: 'SysctlForbidden', message: `forbidden sysctl: ${message}` };
    assert.deepEqual(unsafeSysctl(pod, allowed), reason);
  });
}
