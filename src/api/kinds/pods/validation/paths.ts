/** Validation of paths inside volumes: relative, and without `..`. */

import type { KeyToPath } from '../../../generated/types.gen.ts';
import { type FieldError, invalidValue, required, together } from '../../../validation/field-error.ts';

export function hasBacksteps(path: string): boolean {
  return path.split('/').includes('..');
}

export function checkNoBacksteps(field: string, path: string): FieldError[] {
  return hasBacksteps(path) ? [invalidValue(field, path, "must not contain '..'")] : [];
}

export function checkDescendingPath(field: string, path: string): FieldError[] {
  const errors = path.startsWith('/') ? [invalidValue(field, path, 'must be a relative path')] : [];
  return [...errors, ...checkNoBacksteps(field, path)];
}

/** Names that begin with two dots are reserved for the atomic writer's links. */
export function checkUnreservedPath(field: string, path: string): FieldError[] {
  const errors = checkDescendingPath(field, path);
  const reserved = path.startsWith('..') && !path.startsWith('../');
  return reserved ? [...errors, invalidValue(field, path, "must not start with '..'")] : errors;
}

export function checkFileMode(field: string, mode: number | undefined): FieldError[] {
  if (mode === undefined || (mode >= 0 && mode <= 0o777)) return [];
  return [invalidValue(field, mode, 'must be a number between 0 and 0777 (octal), both inclusive')];
}

/** A key of a ConfigMap or Secret, with the path of its file. */
export function validateKeyToPath({ key, path, mode }: KeyToPath, at: string): FieldError[] {
  return together(
    key ? [] : [required(`${at}.key`)],
    path ? [] : [required(`${at}.path`)],
    checkUnreservedPath(`${at}.path`, path ?? ''),
    checkFileMode(`${at}.mode`, mode),
  );
}
