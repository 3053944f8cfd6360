/** Whom a container runs as, and what it may do. */

import assert from 'node:assert/strict';
import { chmodSync, cpSync } from 'node:fs';
import type { PodSecurityContext, SecurityContext } from '#api/generated/types.gen.ts';
import { addImage } from '../../../support/images.ts';
import { type Behaviour, behaviour } from '../../behaviour.ts';
import { podOf, runToEnd, shell } from '../running.ts';

function prints(
  codename: string,
  script: string,
  expected: string,
  securityContext: SecurityContext,
  ofPod?: PodSecurityContext,
): Behaviour {
  return behaviour(codename, async (context) => {
    const container = { command: shell(script), securityContext };
    const pod = podOf(context, 'secured', container, ofPod ? { securityContext: ofPod } : {});
    assert.equal((await runToEnd(context, pod)).trim(), expected);
  });
}

const creating = '[sig-node] Security Context When creating';

export const commonSecurityContext: readonly Behaviour[] = [
  prints(
    `${creating} a container with runAsUser should run the container with uid 65534 [LinuxOnly] [NodeConformance] [Conformance]`,
    'id -u',
    '65534',
    { runAsUser: 65534 },
  ),
  prints(
    `${creating} a pod with readOnlyRootFilesystem should run the container with writable rootfs when readOnlyRootFilesystem=false [NodeConformance] [Conformance]`,
    'echo written > /file && cat /file',
    'written',
    { readOnlyRootFilesystem: false },
  ),
  prints(
    `${creating} a pod with privileged should run the container as unprivileged when false [LinuxOnly] [NodeConformance] [Conformance]`,
    'ip link add dummy0 type dummy 2>&1 || true',
    'ip: RTNETLINK answers: Operation not permitted',
    { privileged: false },
  ),
  behaviour(
    `[sig-node] Security Context when creating containers with AllowPrivilegeEscalation should not allow privilege escalation when false [LinuxOnly] [NodeConformance] [Conformance]`,
    async (context) => {
      const image = 'kybern.test/escalating:1';
      // A copy of busybox that anyone runs as root, unless privileges cannot be gained.
      await addImage(context.cluster, image, 'FROM scratch\nCOPY root /\n', (root) => {
        cpSync('/bin/busybox', `${root}/busybox`);
        chmodSync(`${root}/busybox`, 0o4755);
      });
      const command = ['/busybox', 'grep', '-E', '^(Uid|NoNewPrivs)', '/proc/self/status'];
      const run = async (name: string, allowPrivilegeEscalation: boolean) => {
        const securityContext = { runAsUser: 1000, allowPrivilegeEscalation };
        return runToEnd(context, podOf(context, name, { image, command, securityContext }));
      };
      assert.match(await run('kept', false), /^Uid:\t1000\t1000\t.*\nNoNewPrivs:\t1$/m);
      assert.match(await run('gained', true), /^NoNewPrivs:\t0$/m);
    },
  ),
];

const ids = { runAsUser: 1001, runAsGroup: 2002 };

export const securityContext: readonly Behaviour[] = [
  prints(
    '[sig-node] Security Context should support container.SecurityContext.RunAsUser And container.SecurityContext.RunAsGroup [LinuxOnly] [Conformance]',
    'id -u; id -g',
    '1001\n2002',
    ids,
  ),
  prints(
    '[sig-node] Security Context should support pod.Spec.SecurityContext.RunAsUser And pod.Spec.SecurityContext.RunAsGroup [LinuxOnly] [Conformance]',
    'id -u; id -g',
    '1001\n2002',
    {},
    ids,
  ),
];
