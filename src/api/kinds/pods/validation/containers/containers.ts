/** Validation of the three types of containers: common rules, and forbidden fields of each. */

import type { Container, PodSpec } from '../../../../generated/types.gen.ts';
import { isSidecar, startedContainers } from '../../../../pods/containers.ts';
import { checkField, checkOneOf } from '../../../../validation/field-checks.ts';
import {
  duplicate,
  type FieldError,
  forbiddenField,
  invalidValue,
  notFoundValue,
  required,
  together,
} from '../../../../validation/field-error.ts';
import { dns1123Label } from '../../../../validation/validators.ts';
import { validateContainerResources, validateResizePolicy } from '../resources/resources.ts';
import { validateEnv, validateEnvFrom } from './env.ts';
import type { AnyContainer } from './lists.ts';
import { type Volumes, validateVolumeDevices, validateVolumeMounts } from './mounts.ts';
import { validateContainerPorts, validateHostPortConflicts } from './ports.ts';
import { validateLifecycle, validateProbes } from './probes.ts';
import { validateContainerRestart, validateInitRestart } from './restart.ts';
import { validateSecurityContext } from './security.ts';

interface Surroundings {
  readonly spec: PodSpec;
  readonly volumes: Volumes;
  readonly claims: ReadonlySet<string>;
}

const messagePolicies = ['File', 'FallbackToLogsOnError'];
const pullPolicies = ['Always', 'IfNotPresent', 'Never'];

function validateCommon(container: AnyContainer, around: Surroundings, path: string): FieldError[] {
  const { spec, volumes, claims } = around;
  return together(
    container.name ? checkField(`${path}.name`, container.name, dns1123Label) : [required(`${path}.name`)],
    container.image ? [] : [required(`${path}.image`)],
    checkOneOf(`${path}.terminationMessagePolicy`, container.terminationMessagePolicy, messagePolicies),
    validateContainerPorts(container.ports, `${path}.ports`),
    validateEnv(container.env, `${path}.env`),
    validateEnvFrom(container.envFrom, `${path}.envFrom`),
    validateVolumeMounts(container, volumes, `${path}.volumeMounts`),
    validateVolumeDevices(container, volumes, `${path}.volumeDevices`),
    checkOneOf(`${path}.imagePullPolicy`, container.imagePullPolicy, pullPolicies),
    validateContainerResources(container.resources, claims, `${path}.resources`),
    validateResizePolicy(container.resizePolicy, spec.restartPolicy, `${path}.resizePolicy`),
    validateSecurityContext(container.securityContext, spec.hostUsers !== false, `${path}.securityContext`),
  );
}

export function validateContainers(around: Surroundings, path: string): FieldError[] {
  const { spec } = around;
  const containers = spec.containers ?? [];
  if (containers.length === 0) return [required(path)];
  const names = new Set<string>();
  const errors = containers.flatMap((container, i) => {
    const at = `${path}[${i}]`;
    const wrong = validateCommon(container, around, at);
    if (names.has(container.name)) wrong.push(duplicate(`${at}.name`, container.name));
    names.add(container.name);
    wrong.push(
      ...validateLifecycle(container.lifecycle, spec.terminationGracePeriodSeconds, `${at}.lifecycle`),
    );
    wrong.push(...validateProbes(container, spec.terminationGracePeriodSeconds, at));
    wrong.push(...validateContainerRestart(container, at));
    return wrong;
  });
  return [...errors, ...validateHostPortConflicts(containers, path)];
}

const notForInit = ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const;

export function validateInitContainers(around: Surroundings, path: string): FieldError[] {
  const { spec } = around;
  if (!spec.initContainers?.length) return [];
  const names = new Set((spec.containers ?? []).map((container) => container.name));
  return spec.initContainers.flatMap((container, i) => {
    const at = `${path}[${i}]`;
    const errors = validateCommon(container, around, at);
    errors.push(...validateInitRestart(container, at));
    if (names.has(container.name)) errors.push(duplicate(`${at}.name`, container.name));
    if (container.name) names.add(container.name);
    errors.push(...validateHostPortConflicts([container], path));
    if (isSidecar(container)) {
      errors.push(
        ...validateLifecycle(container.lifecycle, spec.terminationGracePeriodSeconds, `${at}.lifecycle`),
        ...validateProbes(container, spec.terminationGracePeriodSeconds, at),
      );
      return errors;
    }
    for (const key of notForInit) {
      if (container[key] === undefined) continue;
      const text = 'may not be set for init containers without restartPolicy=Always';
      errors.push(forbiddenField(`${at}.${key}`, text));
    }
    return [...errors, ...validateInitResizePolicy(container, at)];
  });
}

/** Since v1.36 such a container can be resized in place only, not by a restart. */
function validateInitResizePolicy(container: Container, at: string): FieldError[] {
  if (!container.resizePolicy?.some((policy) => policy.restartPolicy === 'RestartContainer')) return [];
  const text = "must be 'NotRequired' for non-sidecar init containers";
  return [invalidValue(`${at}.resizePolicy`, 'RestartContainer', text)];
}

/** In Go's order of fields. */
const notForEphemeral = [
  'ports',
  'resources',
  'resizePolicy',
  'restartPolicy',
  'restartPolicyRules',
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'lifecycle',
] as const;
const notForEphemeralText = 'cannot be set for an Ephemeral Container';

export function validateEphemeralContainers(around: Surroundings, path: string): FieldError[] {
  const { spec } = around;
  if (!spec.ephemeralContainers?.length) return [];
  const others = new Set(startedContainers(spec).map(({ name }) => name));
  const names = new Set(others);
  return spec.ephemeralContainers.flatMap((container, i) => {
    const at = `${path}[${i}]`;
    const errors = [...validateCommon(container, around, at), ...checkImageSpaces(container, at)];
    if (names.has(container.name)) errors.push(duplicate(`${at}.name`, container.name));
    names.add(container.name);
    const target = container.targetContainerName;
    if (target && !others.has(target)) errors.push(notFoundValue(`${at}.targetContainerName`, target));
    for (const key of notForEphemeral) {
      const value = container[key];
      if (value === undefined || (key === 'resources' && Object.keys(value).length === 0)) continue;
      errors.push(forbiddenField(`${at}.${key}`, notForEphemeralText));
    }
    for (const [j, mount] of (container.volumeMounts ?? []).entries()) {
      for (const key of ['subPath', 'subPathExpr'] as const) {
        if (mount[key]) errors.push(forbiddenField(`${at}.volumeMounts[${j}].${key}`, notForEphemeralText));
      }
    }
    return errors;
  });
}

/** Templates may have spaces around an image for compatibility; pods may not. */
export function checkImageSpaces(container: AnyContainer, path: string): FieldError[] {
  const image = container.image ?? '';
  if (image.trim() === image) return [];
  return [invalidValue(`${path}.image`, image, 'must not have leading or trailing whitespace')];
}
