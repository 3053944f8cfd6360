/** Validation of projected volumes: several sources, no duplicate paths. */

import type {
  DownwardAPIVolumeFile,
  ProjectedVolumeSource,
  VolumeProjection,
} from '../../../../generated/types.gen.ts';
import {
  type FieldError,
  forbiddenField,
  invalidValue,
  required,
} from '../../../../validation/field-error.ts';
import { validateFieldRef, validateResourceFieldRef, volumeFieldPaths } from '../downward.ts';
import { checkFileMode, checkUnreservedPath, validateKeyToPath } from '../paths.ts';

export function validateDownwardFile(file: DownwardAPIVolumeFile, path: string): FieldError[] {
  const errors = file.path ? [] : [required(`${path}.path`)];
  errors.push(...checkUnreservedPath(`${path}.path`, file.path ?? ''));
  if (file.fieldRef) {
    errors.push(...validateFieldRef(file.fieldRef, volumeFieldPaths, `${path}.fieldRef`));
    if (file.resourceFieldRef) {
      const text = 'fieldRef and resourceFieldRef can not be specified simultaneously';
      errors.push(invalidValue(path, 'resource', text));
    }
  } else if (file.resourceFieldRef) {
    errors.push(...validateResourceFieldRef(file.resourceFieldRef, true, `${path}.resourceFieldRef`));
  } else {
    errors.push(required(path, 'one of fieldRef and resourceFieldRef is required'));
  }
  return [...errors, ...checkFileMode(`${path}.mode`, file.mode)];
}

export function validateProjected(source: ProjectedVolumeSource, path: string): FieldError[] {
  const taken = new Set<string>();
  return [
    ...checkFileMode(`${path}.defaultMode`, source.defaultMode),
    ...(source.sources ?? []).flatMap((source, i) =>
      validateProjection(source, taken, path, `${path}.sources[${i}]`),
    ),
  ];
}

const projections = [
  'secret',
  'configMap',
  'downwardAPI',
  'serviceAccountToken',
  'clusterTrustBundle',
  'podCertificate',
] as const;

function validateProjection(
  source: VolumeProjection,
  taken: Set<string>,
  path: string,
  at: string,
): FieldError[] {
  const errors: FieldError[] = [];
  const take = (file: string | undefined, value: string) => {
    if (!file) return;
    if (taken.has(file)) errors.push(invalidValue(path, value, 'conflicting duplicate paths'));
    taken.add(file);
  };
  for (const kind of ['secret', 'configMap'] as const) {
    const from = source[kind];
    if (!from) continue;
    if (!from.name) errors.push(required(`${at}.${kind}.name`));
    for (const [i, item] of (from.items ?? []).entries()) {
      errors.push(...validateKeyToPath(item, `${at}.${kind}.items[${i}]`));
      take(item.path, from.name ?? '');
    }
  }
  for (const file of source.downwardAPI?.items ?? []) {
    errors.push(...validateDownwardFile(file, `${at}.downwardAPI`));
    take(file.path, file.path);
  }
  if (source.serviceAccountToken) {
    errors.push(...validateToken(source.serviceAccountToken, path, `${at}.serviceAccountToken`));
  }
  let count = 0;
  for (const kind of projections) if (source[kind]) count++;
  if (count > 1) {
    errors.push(forbiddenField(at, 'may not specify more than 1 volume type per source'));
  }
  return errors;
}

const tokenMinSeconds = 600;

function validateToken(
  token: NonNullable<VolumeProjection['serviceAccountToken']>,
  path: string,
  at: string,
): FieldError[] {
  const errors: FieldError[] = [];
  const seconds = token.expirationSeconds ?? 0;
  const field = `${at}.expirationSeconds`;
  if (seconds < tokenMinSeconds) {
    errors.push(invalidValue(field, seconds, 'may not specify a duration less than 10 minutes'));
  }
  if (seconds > 2 ** 32) {
    errors.push(invalidValue(field, seconds, 'may not specify a duration larger than 2^32 seconds'));
  }
  if (!token.path) errors.push(required(`${path}.path`));
  else errors.push(...checkUnreservedPath(`${path}.path`, token.path));
  return errors;
}
