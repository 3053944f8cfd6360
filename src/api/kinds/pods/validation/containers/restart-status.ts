/**
 * A terminated container must stay terminated in the status, unless its restart policy or rules allow a
 * restart.
 */

import type { Container, ContainerStatus, Pod, PodSpec } from '../../../../generated/types.gen.ts';
import { mayRestartAll, restartAction } from '../../../../pods/restart-rules.ts';
import { type FieldError, forbiddenField } from '../../../../validation/field-error.ts';
import { byName } from './lists.ts';

export function validateTransitions(pod: Pod, old: Pod): FieldError[] {
  const [now, before, spec] = [pod.status ?? {}, old.status ?? {}, old.spec!];
  const errors: FieldError[] = [];
  if (!mayRestartAll(spec)) {
    for (const [list, containers] of [
      ['containerStatuses', spec.containers],
      ['initContainerStatuses', spec.initContainers ?? []],
    ] as const) {
      const known = byName(containers);
      const mayRestart = ({ name, state }: ContainerStatus) => {
        const container = known.get(name);
        return container !== undefined && restartsAfter(container, spec, state?.terminated?.exitCode ?? 0);
      };
      errors.push(...stayTerminated(now[list], before[list], mayRestart, `status.${list}`));
    }
  }
  const list = 'ephemeralContainerStatuses';
  return [...errors, ...stayTerminated(now[list], before[list], () => false, `status.${list}`)];
}

function stayTerminated(
  now: ContainerStatus[] = [],
  before: ContainerStatus[] = [],
  mayRestart: (old: ContainerStatus) => boolean,
  path: string,
): FieldError[] {
  const running = new Set(now.filter((status) => !status.state?.terminated).map((status) => status.name));
  return before.flatMap((old, i) => {
    if (!old.state?.terminated) return [];
    if (!running.has(old.name) || mayRestart(old)) return [];
    return [forbiddenField(`${path}[${i}].state`, 'may not be transitioned to non-terminated state')];
  });
}

/** Decided by the first matching rule, then the container's own policy, then the pod's. */
function restartsAfter(container: Container, spec: PodSpec, exitCode: number): boolean {
  if (container.restartPolicy && restartAction(container, exitCode) === 'Restart') return true;
  const policy = container.restartPolicy ?? spec.restartPolicy ?? 'Always';
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0);
}
