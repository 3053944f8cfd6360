/** An image whose files are a volume, looked for in its registry each time. */

import assert from 'node:assert/strict';
import { type Behaviour, behaviour, images } from '../../behaviour.ts';
import { podOf, runToEnd, shell } from '../running.ts';

export const imageVolume: readonly Behaviour[] = [
  behaviour(
    '[sig-node] ImageVolume should succeed with pod and pull policy of Always [LinuxOnly] [MinimumKubeletVersion:1.35] [Conformance]',
    async (context) => {
      const image = { reference: images.nginxNew, pullPolicy: 'Always' as const };
      const container = {
        command: shell('cat /volume/srv/index.html; touch /volume/file || echo read-only'),
        volumeMounts: [{ name: 'files', mountPath: '/volume' }],
      };
      const pod = podOf(context, 'reader', container, { volumes: [{ name: 'files', image }] });
      assert.equal(await runToEnd(context, pod), 'two\nread-only\n');
    },
  ),
];
