/** What `pods/resize` may change: cpu and memory of containers that keep running. */

import { deepEqual } from '../deep-equal.ts';
import { type FieldError, forbiddenField, invalidValue } from '../field-error.ts';
import { podQosClass } from '../pod-qos.ts';
import type { Container, Pod, ResourceRequirements } from '../types.gen.ts';
import { isMirrorPod, validatePod } from './pod.ts';

export function validatePodResize(pod: Pod, old: Pod): FieldError[] {
  if (isMirrorPod(old)) return [forbiddenField('', 'static pods cannot be resized')];
  if (old.spec?.os?.name === 'windows') return [forbiddenField('', 'windows pods cannot be resized')];
  const errors = validatePod(pod);
  const before = old.status?.qosClass ?? podQosClass(old);
  if (podQosClass(pod) !== before) {
    const text = 'Pod QOS Class may not change as a result of resizing';
    errors.push(invalidValue('spec', podQosClass(pod), text));
  }
  errors.push(...validateList(pod.spec?.initContainers, old.spec?.initContainers, 'spec.initContainers'));
  errors.push(...validateList(pod.spec?.containers, old.spec?.containers, 'spec.containers'));
  return errors;
}

function validateList(now: Container[] = [], before: Container[] = [], path: string): FieldError[] {
  return before.flatMap((old, i) => {
    const one = now[i]!;
    if (deepEqual(one, old)) return [];
    const isInit = path.endsWith('initContainers');
    if (isInit && old.restartPolicy !== 'Always') {
      return [forbiddenField('spec', 'resources for non-sidecar init containers are immutable')];
    }
    const errors = validateContainer(one, old, `${path}[${i}].resources`);
    if (!deepEqual(withoutCompute(one), withoutCompute(old))) {
      const text = isInit
        ? 'only cpu and memory resources for sidecar containers are mutable'
        : 'only cpu and memory resources are mutable';
      errors.push(forbiddenField('spec', text));
    }
    return errors;
  });
}

function withoutCompute(container: Container): Container {
  const rest = (amounts: Record<string, string> | undefined) => {
    const { cpu, memory, ...others } = amounts ?? {};
    return others;
  };
  const { limits, requests } = container.resources ?? {};
  return { ...container, resources: { limits: rest(limits), requests: rest(requests) } };
}

function validateContainer(now: Container, old: Container, path: string): FieldError[] {
  const [after, before]: ResourceRequirements[] = [now.resources ?? {}, old.resources ?? {}];
  const errors: FieldError[] = [];
  for (const key of ['requests', 'limits'] as const) {
    const removed = Object.keys(before?.[key] ?? {}).some((name) => after?.[key]?.[name] === undefined);
    if (removed) errors.push(forbiddenField(`${path}.${key}`, `resource ${key} cannot be removed`));
  }
  return errors;
}
