/** Validation of a container's environment: env and envFrom. */

import type {
  EnvFromSource,
  EnvVar,
  EnvVarSource,
  FileKeySelector,
  PodSpec,
} from '../../../../generated/types.gen.ts';
import { checkField } from '../../../../validation/field-checks.ts';
import {
  type FieldError,
  invalidValue,
  notFoundValue,
  required,
} from '../../../../validation/field-error.ts';
import {
  configMapKey,
  dns1123Label,
  dns1123Subdomain,
  envVarName,
} from '../../../../validation/validators.ts';
import { envFieldPaths, validateFieldRef, validateResourceFieldRef } from '../downward.ts';
import { checkNoBacksteps } from '../paths.ts';
import { visitContainers } from './lists.ts';

export function validateEnv(env: EnvVar[] | undefined, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (let i = 0; env && i < env.length; i++) {
    const variable = env[i]!;
    // Fast path: most variables are plain, and their path need not be built.
    if (variable.name && !variable.valueFrom && envVarName(variable.name).length === 0) continue;
    const at = `${path}[${i}]`;
    if (!variable.name) errors.push(required(`${at}.name`));
    else errors.push(...checkField(`${at}.name`, variable.name, envVarName));
    errors.push(...validateValueFrom(variable, `${at}.valueFrom`));
  }
  return errors;
}

function validateValueFrom(variable: EnvVar, path: string): FieldError[] {
  const from = variable.valueFrom;
  if (!from) return [];
  const errors: FieldError[] = [];
  if (from.fieldRef) errors.push(...validateFieldRef(from.fieldRef, envFieldPaths, `${path}.fieldRef`));
  if (from.resourceFieldRef) {
    errors.push(...validateResourceFieldRef(from.resourceFieldRef, false, `${path}.resourceFieldRef`));
  }
  if (from.configMapKeyRef) errors.push(...validateKeyRef(from.configMapKeyRef, `${path}.configMapKeyRef`));
  if (from.secretKeyRef) errors.push(...validateKeyRef(from.secretKeyRef, `${path}.secretKeyRef`));
  if (from.fileKeyRef) errors.push(...validateFileKeyRef(from.fileKeyRef, `${path}.fileKeyRef`));
  return [...errors, ...validateSourceCount(variable, from, path)];
}

const envSources = ['fieldRef', 'resourceFieldRef', 'configMapKeyRef', 'secretKeyRef', 'fileKeyRef'] as const;

function validateSourceCount(variable: EnvVar, from: EnvVarSource, path: string): FieldError[] {
  const count = envSources.filter((source) => from[source]).length;
  if (count === 0) {
    const text =
      'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`';
    return [invalidValue(path, '', text)];
  }
  if (variable.value) return [invalidValue(path, '', 'may not be specified when `value` is not empty')];
  return count > 1 ? [invalidValue(path, '', 'may not have more than one field specified at a time')] : [];
}

function validateKeyRef(ref: { name?: string; key?: string }, path: string): FieldError[] {
  const key = ref.key ? checkField(`${path}.key`, ref.key, configMapKey) : [required(`${path}.key`)];
  return [...checkField(`${path}.name`, ref.name ?? '', dns1123Subdomain), ...key];
}

function validateFileKeyRef(ref: FileKeySelector, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (!ref.key) errors.push(required(`${path}.key`));
  else errors.push(...checkField(`${path}.key`, ref.key, envVarName));
  if (!ref.volumeName) errors.push(required(`${path}.volumeName`));
  else errors.push(...checkField(`${path}.volumeName`, ref.volumeName, dns1123Label));
  if (!ref.path) errors.push(required(`${path}.path`));
  else errors.push(...checkNoBacksteps(`${path}.path`, ref.path));
  return errors;
}

/** A file of variables must be in an emptyDir, where a container of the pod writes it. */
export function validateEnvFileVolumes(spec: PodSpec, path: string): FieldError[] {
  const errors: FieldError[] = [];
  visitContainers(spec, path, (container, at) => {
    const { env = [] } = container;
    for (let i = 0; i < env.length; i++) {
      const from = env[i]!.valueFrom?.fileKeyRef;
      if (!from) continue;
      const { volumeName = '' } = from;
      const field = `${at}.env[${i}].valueFrom.fileKeyRef.volumeName`;
      const volume = spec.volumes?.findLast((volume) => volume.name === volumeName);
      if (!volume) errors.push(notFoundValue(field, volumeName));
      else if (!volume.emptyDir) {
        errors.push(invalidValue(field, volumeName, 'referenced volume must be of type emptyDir'));
      }
    }
  });
  return errors;
}

export function validateEnvFrom(sources: EnvFromSource[] | undefined, path: string): FieldError[] {
  return (sources ?? []).flatMap((source, i) => {
    const at = `${path}[${i}]`;
    const errors = source.prefix ? checkField(`${at}.prefix`, source.prefix, envVarName) : [];
    for (const kind of ['configMapRef', 'secretRef'] as const) {
      const ref = source[kind];
      if (!ref) continue;
      const field = `${at}.${kind}.name`;
      errors.push(...(ref.name ? checkField(field, ref.name, dns1123Subdomain) : [required(field)]));
    }
    if (!source.configMapRef && !source.secretRef) {
      errors.push(invalidValue(path, '', 'must specify one of: `configMapRef` or `secretRef`'));
    } else if (source.configMapRef && source.secretRef) {
      errors.push(invalidValue(path, '', 'may not have more than one field specified at a time'));
    }
    return errors;
  });
}
