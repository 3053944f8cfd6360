/** Whose /etc/hosts a container sees: the kubelet's, the node's, or the one it mounted itself. */

import assert from 'node:assert/strict';
import { type Behaviour, behaviour, images } from '../../behaviour.ts';
import { podOf, start } from '../running.ts';

const mark = '# Kubernetes-managed hosts file.';

export const kubeletEtcHosts: readonly Behaviour[] = [
  behaviour(
    '[sig-node] KubeletManagedEtcHosts should test kubelet managed /etc/hosts file [NodeConformance] [Conformance]',
    async (context) => {
      const own = { name: 'own', mountPath: '/etc/hosts' };
      const containers = [
        { name: 'second', image: images.busybox },
        { name: 'own', image: images.busybox, volumeMounts: [own] },
      ];
      const volumes = [{ name: 'own', hostPath: { path: '/etc/hosts', type: 'File' } }];
      await start(context, podOf(context, 'in-pod-network', {}, { containers, volumes }));
      await start(context, podOf(context, 'in-node-network', {}, { hostNetwork: true }));
      const managed = async (pod: string, container: string) =>
        (await context.exec(pod, ['cat', '/etc/hosts'], container)).startsWith(mark);
      assert.equal(await managed('in-pod-network', 'main'), true);
      assert.equal(await managed('in-pod-network', 'second'), true);
      assert.equal(await managed('in-pod-network', 'own'), false);
      assert.equal(await managed('in-node-network', 'main'), false);
    },
  ),
];
