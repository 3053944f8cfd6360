/** Validation of `pods/resize`: cpu and memory of containers that keep running, and of the pod level. */

import { ownValue } from '#base/own-value.ts';
import type { Container, Pod, PodSpec, ResourceRequirements } from '../../../generated/types.gen.ts';
import { isSidecar } from '../../../pods/containers.ts';
import { isMirrorPod } from '../../../pods/mirror-pod.ts';
import { podQosClass } from '../../../pods/qos.ts';
import { deepEqual } from '../../../schema/deep-equal.ts';
import { type FieldError, forbiddenField, invalidValue, noField } from '../../../validation/field-error.ts';
import { validatePod } from './pod.ts';

type Amounts = Readonly<Record<string, string>>;

const lists = ['containers', 'initContainers'] as const;

export function validatePodResize(pod: Pod, old: Pod): FieldError[] {
  if (isMirrorPod(old)) return [forbiddenField(noField, 'static pods cannot be resized')];
  if (old.spec?.os?.name === 'windows') return [forbiddenField(noField, 'windows pods cannot be resized')];
  const [spec, before] = [pod.spec!, old.spec!];
  const errors = [
    ...validatePod(pod, old),
    ...validateSupport(pod, old),
    ...validatePodLevel(spec.resources, before.resources),
  ];
  const misplaced = lists.flatMap((list) => validateOrder(spec[list] ?? [], before[list] ?? [], list));
  errors.push(...misplaced);
  if (misplaced.length > 0) return errors;
  errors.push(
    ...validateKept(spec.initContainers, before.initContainers, 'spec.initContainers'),
    ...validateKept(spec.containers, before.containers, 'spec.containers'),
    ...lists.flatMap((list) => validateOnlyCompute(spec[list], before[list])),
  );
  if (
    errors.length === 0 &&
    !deepEqual(withoutResizable(spec), withoutResizable(before), 'io.k8s.api.core.v1.PodSpec')
  ) {
    errors.push(forbiddenField('spec', 'only cpu and memory resources are mutable'));
  }
  return errors;
}

function validateSupport(pod: Pod, old: Pod): FieldError[] {
  const errors: FieldError[] = [];
  if ((old.status?.qosClass ?? podQosClass(old)) !== podQosClass(pod)) {
    const text = 'Pod QOS Class may not change as a result of resizing';
    errors.push(invalidValue('spec', pod.status?.qosClass ?? '', text));
  }
  // A kubelet that can resize reports the resources of running containers.
  const running = old.status?.containerStatuses?.find((status) => status.state?.running);
  if (running && !running.resources) {
    errors.push(forbiddenField('spec', 'Pod running on node without support for resize'));
  }
  return errors;
}

function validatePodLevel(
  now: ResourceRequirements | undefined,
  old: ResourceRequirements | undefined,
): FieldError[] {
  const isSet = (status: ResourceRequirements | undefined) =>
    Object.keys(status?.requests ?? {}).length + Object.keys(status?.limits ?? {}).length > 0;
  if (!isSet(now) && !isSet(old)) return [];
  if (old && !now) return [forbiddenField('spec.resources', 'pod-level resources cannot be removed')];
  const errors: FieldError[] = [];
  for (const key of ['requests', 'limits'] as const) {
    if (!isRemoved(now?.[key], old?.[key])) continue;
    errors.push(forbiddenField(`spec.resources.${key}`, `pod-level resource ${key} cannot be removed`));
  }
  if (!deepEqual(otherResources(now), otherResources(old), 'io.k8s.api.core.v1.ResourceRequirements')) {
    errors.push(forbiddenField('spec', 'only cpu and memory resources are mutable at pod-level'));
  }
  return errors;
}

function validateOrder(now: Container[], old: Container[], list: string): FieldError[] {
  const path = `spec.${list}`;
  if (now.length !== old.length) {
    return [forbiddenField(path, `${list} may not be added or removed on resize`)];
  }
  return old.flatMap(({ name }, i) => {
    if (now[i]!.name === name) return [];
    return [forbiddenField(`${path}[${i}].name`, `${list} may not be renamed or reordered on resize`)];
  });
}

/** Resources may be increased and decreased, but not removed. */
function validateKept(now: Container[] = [], old: Container[] = [], path: string): FieldError[] {
  return old.flatMap(({ resources: before }, i) =>
    (['requests', 'limits'] as const).flatMap((key) => {
      if (!isRemoved(now[i]!.resources?.[key], before?.[key])) return [];
      return [forbiddenField(`${path}[${i}].resources.${key}`, `resource ${key} cannot be removed`)];
    }),
  );
}

function isRemoved(now: Amounts = {}, old: Amounts = {}): boolean {
  return Object.keys(old).some((name) => ownValue(now, name) === undefined);
}

function validateOnlyCompute(now: Container[] = [], old: Container[] = []): FieldError[] {
  return old.flatMap((before, i) => {
    const [status, was] = [now[i]!, before].map((container) => ({
      ...container,
      resources: otherResources(container.resources),
    }));
    // Upstream ignores claims in the new container only, so a container with claims is never resized.
    if (deepEqual(status, was, 'io.k8s.api.core.v1.Container') && !before.resources?.claims?.length) {
      return [];
    }
    const which = isSidecar(before) ? ' for sidecar containers' : '';
    return [forbiddenField('spec', `only cpu and memory resources${which} are mutable`)];
  });
}

/** All resources but cpu and memory. */
function otherResources(resources: ResourceRequirements | undefined) {
  const others = ({ cpu, memory, ...rest }: Amounts = {}) => rest;
  const { requests, limits, claims } = resources ?? {};
  return { claims, requests: others(requests), limits: others(limits) };
}

function withoutResizable(spec: PodSpec): PodSpec {
  return { ...spec, containers: [], initContainers: [], resources: undefined };
}
