/**
 * A pod stays five minutes on a node that is not ready or unreachable, unless it says otherwise. Upstream:
 * DefaultTolerationSeconds.
 */

import type { Pod, Toleration } from '#api/generated/types.gen.ts';
import { type AdmissionPlugin, defineAdmission } from '../../contract/admission.ts';

export interface TolerationSeconds {
  readonly notReady: number;
  readonly unreachable: number;
}

export function defaultTolerationSeconds({ notReady, unreachable }: TolerationSeconds): AdmissionPlugin {
  const taints: readonly (readonly [string, number])[] = [
    ['node.kubernetes.io/not-ready', notReady],
    ['node.kubernetes.io/unreachable', unreachable],
  ];
  return defineAdmission({
    name: 'DefaultTolerationSeconds',
    rules: [{ operations: ['CREATE', 'UPDATE'], apiGroups: [''], resources: ['pods'] }],
    mutate({ object }) {
      const spec = (object as Pod).spec!;
      const missing = taints.filter(
        ([key]) => !(spec.tolerations ?? []).some((toleration) => mentions(toleration, key)),
      );
      if (missing.length === 0) return;
      const added = missing.map(([key, tolerationSeconds]) => ({
        key,
        operator: 'Exists',
        effect: 'NoExecute',
        tolerationSeconds,
      }));
      spec.tolerations = [...(spec.tolerations ?? []), ...added];
    },
  });
}

/** By key and effect alone: upstream's plugin asks neither for the operator nor for the value. */
function mentions(toleration: Toleration, key: string): boolean {
  const sameKey = !toleration.key || toleration.key === key;
  return sameKey && (!toleration.effect || toleration.effect === 'NoExecute');
}
