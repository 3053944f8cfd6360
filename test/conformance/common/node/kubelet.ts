/** What the node does for a busybox container: logs, ends, a read-only root, entries in /etc/hosts. */

import assert from 'node:assert/strict';
import { pods } from '#api/generated/kinds.gen.ts';
import { type Behaviour, behaviour } from '../../behaviour.ts';
import { deletePod, getPod, inPhase, logs, podOf, runToEnd, shell, statusOf } from '../running.ts';

export const kubelet: readonly Behaviour[] = [
  behaviour(
    '[sig-node] Kubelet when scheduling a busybox command in a pod should print the output to logs [NodeConformance] [Conformance]',
    async (context) => {
      const pod = podOf(context, 'printing', { command: shell('echo to stdout; echo to stderr >&2') });
      const lines = (await runToEnd(context, pod)).split('\n');
      assert.deepEqual(lines.filter(Boolean).sort(), ['to stderr', 'to stdout']);
    },
  ),
  behaviour(
    '[sig-node] Kubelet when scheduling a busybox command that always fails in a pod should have an terminated reason [NodeConformance] [Conformance]',
    async (context) => {
      await context.client.create(pods, podOf(context, 'failing', { command: ['false'] }));
      const ended = await inPhase(context, 'failing', 'Failed');
      assert.equal(ended.status?.containerStatuses?.length, 1);
      const { terminated } = statusOf(ended).state ?? {};
      assert.equal(terminated?.exitCode, 1);
      assert.equal(terminated?.reason, 'Error');
    },
  ),
  behaviour(
    '[sig-node] Kubelet when scheduling a busybox command that always fails in a pod should be possible to delete [NodeConformance] [Conformance]',
    async (context) => {
      const pod = podOf(context, 'failing', { command: ['false'] }, { restartPolicy: 'Always' });
      await context.client.create(pods, pod);
      await context.eventually('the container failed', async () => {
        const { state, lastState } = statusOf(await getPod(context, 'failing'));
        return Boolean(state?.terminated ?? lastState?.terminated);
      });
      await deletePod(context, 'failing');
    },
  ),
  behaviour(
    '[sig-node] Kubelet when scheduling a read only busybox container should not write to root filesystem [LinuxOnly] [NodeConformance] [Conformance]',
    async (context) => {
      const container = {
        command: shell('echo test > /file'),
        securityContext: { readOnlyRootFilesystem: true },
      };
      await context.client.create(pods, podOf(context, 'writing', container));
      await inPhase(context, 'writing', 'Failed');
      assert.match(await logs(context, 'writing'), /Read-only file system/);
    },
  ),
  behaviour(
    '[sig-node] Kubelet when scheduling an agnhost Pod with hostAliases should write entries to /etc/hosts [NodeConformance] [Conformance]',
    async (context) => {
      const hostAliases = [{ ip: '123.45.67.89', hostnames: ['foo', 'bar'] }];
      const pod = podOf(context, 'aliased', { command: ['cat', '/etc/hosts'] }, { hostAliases });
      assert.match(await runToEnd(context, pod), /^123\.45\.67\.89\tfoo\tbar$/m);
    },
  ),
];
