/** Warnings to the author of a pod: things that are accepted and probably not meant. */

import type { Container, Pod, PodSpec, PodTemplateSpec } from '../types.gen.ts';

export function podWarnings(pod: Pod, old?: Pod): string[] {
  // Whoever merely updates what is there already is not told again.
  if (old) return [];
  return specWarnings(pod.spec, 'spec', pod.metadata?.annotations ?? {});
}

export function templateWarnings(template: PodTemplateSpec | undefined, path: string): string[] {
  return specWarnings(template?.spec, `${path}.spec`, template?.metadata?.annotations ?? {});
}

const oldNodeLabels: Readonly<Record<string, string>> = {
  'beta.kubernetes.io/arch': 'use "kubernetes.io/arch" instead',
  'beta.kubernetes.io/os': 'use "kubernetes.io/os" instead',
  'failure-domain.beta.kubernetes.io/region': 'use "topology.kubernetes.io/region" instead',
  'failure-domain.beta.kubernetes.io/zone': 'use "topology.kubernetes.io/zone" instead',
  'beta.kubernetes.io/instance-type': 'use "node.kubernetes.io/instance-type" instead',
};

function specWarnings(
  spec: PodSpec | undefined,
  path: string,
  annotations: Record<string, string>,
): string[] {
  if (!spec) return [];
  const warnings: string[] = [];
  for (const key of Object.keys(spec.nodeSelector ?? {})) {
    const advice = oldNodeLabels[key];
    if (advice) warnings.push(`${path}.nodeSelector[${key}]: deprecated since v1.14; ${advice}`);
  }
  for (const [i, volume] of (spec.volumes ?? []).entries()) {
    if (volume.gitRepo) warnings.push(`${path}.volumes[${i}].gitRepo: deprecated in v1.11`);
    if (volume.cephfs)
      warnings.push(`${path}.volumes[${i}].cephfs: deprecated in v1.28, non-functional in v1.31+`);
    if (volume.rbd) warnings.push(`${path}.volumes[${i}].rbd: deprecated in v1.28, non-functional in v1.31+`);
  }
  for (const [i, alias] of (spec.hostAliases ?? []).entries()) {
    if (spec.hostAliases!.findIndex((one) => one.ip === alias.ip) < i) {
      warnings.push(`${path}.hostAliases[${i}].ip: duplicate ip "${alias.ip}"`);
    }
  }
  for (const [i, one] of (spec.imagePullSecrets ?? []).entries()) {
    if (!one.name) warnings.push(`${path}.imagePullSecrets[${i}].name: invalid empty name ""`);
    else if (spec.imagePullSecrets!.findIndex((other) => other.name === one.name) < i) {
      warnings.push(`${path}.imagePullSecrets[${i}].name: duplicate name "${one.name}"`);
    }
  }
  for (const list of ['initContainers', 'containers'] as const) {
    for (const [i, container] of (spec[list] ?? []).entries()) {
      warnings.push(...containerWarnings(container, `${path}.${list}[${i}]`));
    }
  }
  if ((spec.terminationGracePeriodSeconds ?? 0) < 0) {
    warnings.push(
      `${path}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`,
    );
  }
  return [...warnings, ...annotationWarnings(annotations, path)];
}

function containerWarnings(container: Container, path: string): string[] {
  const warnings: string[] = [];
  for (const key of ['limits', 'requests'] as const) {
    for (const [name, amount] of Object.entries(container.resources?.[key] ?? {})) {
      // Thousandths of a byte are surely a slip of the pen.
      if ((name === 'memory' || name === 'ephemeral-storage') && /^\d+(\.\d+)?m$/.test(amount)) {
        warnings.push(
          `${path}.resources.${key}[${name}]: fractional byte value "${amount}" is invalid, must be an integer`,
        );
      }
    }
  }
  const names = new Set<string>();
  const variables = container.env ?? [];
  for (let i = 0; i < variables.length; i++) {
    const env = variables[i]!;
    const refersToItself = () => env.value?.includes(`$(${env.name})`) ?? false;
    if (names.has(env.name) && !refersToItself()) {
      warnings.push(
        `${path}.env[${i}]: hides previous definition of "${env.name}", which may be dropped when using apply`,
      );
    }
    names.add(env.name);
  }
  return [...warnings, ...portWarnings(container, path)];
}

function portWarnings(container: Container, path: string): string[] {
  const seen = new Map<string, number>();
  return (container.ports ?? []).flatMap((port, i) => {
    const key = `${port.containerPort}/${port.protocol}/${port.hostIP ?? ''}/${port.hostPort ?? 0}`;
    const first = seen.get(key);
    if (first === undefined) {
      seen.set(key, i);
      return [];
    }
    return [`${path}.ports[${i}]: duplicate port definition with ${path}.ports[${first}]`];
  });
}

function annotationWarnings(annotations: Record<string, string>, path: string): string[] {
  const meta = path === 'spec' ? 'metadata' : `${path.slice(0, -'.spec'.length)}.metadata`;
  return Object.keys(annotations).flatMap((key) => {
    const at = `${meta}.annotations[${key}]`;
    if (key === 'scheduler.alpha.kubernetes.io/critical-pod') {
      return [`${at}: non-functional in v1.16+; use the "priorityClassName" field instead`];
    }
    if (key.startsWith('container.apparmor.security.beta.kubernetes.io/')) {
      return [`${at}: deprecated since v1.30; use the "appArmorProfile" field instead`];
    }
    if (
      key.startsWith('container.seccomp.security.alpha.kubernetes.io/') ||
      key === 'seccomp.security.alpha.kubernetes.io/pod'
    ) {
      return [`${at}: non-functional in v1.27+; use the "seccompProfile" field instead`];
    }
    return [];
  });
}
