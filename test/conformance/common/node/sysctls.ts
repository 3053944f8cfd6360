/** Kernel parameters of a pod. */

import assert from 'node:assert/strict';
import { pods } from '#api/generated/kinds.gen.ts';
import { type Behaviour, behaviour } from '../../behaviour.ts';
import { refusal } from '../../shared/workloads.ts';
import { podOf, runToEnd } from '../running.ts';

const prefix = '[sig-node] Sysctls [LinuxOnly] [NodeConformance]';

export const sysctl: readonly Behaviour[] = [
  behaviour(`${prefix} should support sysctls [Environment:NotInUserNS] [Conformance]`, async (context) => {
    const sysctls = [{ name: 'kernel.shm_rmid_forced', value: '1' }];
    const command = ['cat', '/proc/sys/kernel/shm_rmid_forced'];
    const pod = podOf(context, 'tuned', { command }, { securityContext: { sysctls } });
    assert.equal(await runToEnd(context, pod), '1\n');
  }),
  behaviour(`${prefix} should reject invalid sysctls [Conformance]`, async (context) => {
    const names = ['foo-', 'kernel.shmmax', '.bar'];
    const sysctls = names.map((name) => ({ name, value: '1' }));
    const made = context.client.create(pods, podOf(context, 'tuned', {}, { securityContext: { sysctls } }));
    const refused = await refusal(made);
    assert.equal(refused.code, 422);
    for (const index of [0, 2]) {
      assert.match(refused.message, new RegExp(`spec\\.securityContext\\.sysctls\\[${index}\\]\\.name`));
    }
    assert.doesNotMatch(refused.message, /kernel\.shmmax/);
  }),
];
