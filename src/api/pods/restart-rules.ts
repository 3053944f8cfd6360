/** What a container's restartPolicyRules say of an exit code, as API server, scheduler and kubelet agree. */

import type { Container, PodSpec } from '../generated/types.gen.ts';
import { type AnyContainer, startedContainers } from './containers.ts';

type Action = 'Restart' | 'RestartAllContainers';

/** That of the first rule for the exit code; undefined without one, where the policy decides. */
export function restartAction(
  { restartPolicyRules }: Pick<AnyContainer, 'restartPolicyRules'>,
  exitCode: number,
): Action | undefined {
  const rule = restartPolicyRules?.find(({ exitCodes }) => {
    if (!exitCodes) return false;
    const isListed = (exitCodes.values ?? []).includes(exitCode);
    return exitCodes.operator === 'In' ? isListed : exitCodes.operator === 'NotIn' && !isListed;
  });
  return rule?.action as Action | undefined;
}

/** A container whose rules restart the whole pod is enough for all containers. */
export function mayRestartAll(spec: Partial<PodSpec>): boolean {
  return startedContainers(spec).some(({ restartPolicyRules }: Container) =>
    restartPolicyRules?.some(({ action }) => action === 'RestartAllContainers'),
  );
}
