/** The features that a pod needs and that nodes declare to have (KEP-5328), inferred from its spec as upstream infers them. */

import type { PodSpec } from './types.gen.ts';

const restartAllContainers = 'RestartAllContainersOnContainerExits';

export function featuresNeeded({ containers, initContainers = [] }: PodSpec): string[] {
  const restartsAll = [...containers, ...initContainers].some((one) =>
    one.restartPolicyRules?.some(({ action }) => action === 'RestartAllContainers'),
  );
  return restartsAll ? [restartAllContainers] : [];
}
