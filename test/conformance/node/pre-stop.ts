/** A pod that is deleted runs its preStop hook first. */

import { type Behaviour, behaviour } from '../behaviour.ts';
import { provesHook } from '../common/node/lifecycle-hook.ts';

export const preStop: readonly Behaviour[] = [
  behaviour('[sig-node] PreStop should call prestop when killing a pod [Conformance]', (context) =>
    provesHook(context, 'preStop', (ip) => ({
      exec: { command: ['wget', '-qO', '/dev/null', `http://${ip}/?hook`] },
    })),
  ),
];
