/** Validation of every object's metadata, at creation and at update. */

import { lazily } from '#base/lazily.ts';
import { checkField } from '../validation/field-checks.ts';
import {
  type FieldError,
  forbiddenField,
  invalidValue,
  required,
  together,
  tooLong,
} from '../validation/field-error.ts';
import {
  byteLength,
  dns1123Label,
  fieldIsImmutable,
  labelValue,
  pathSegmentName,
  qualifiedName,
} from '../validation/validators.ts';
import { validateManagedFields } from './managers.ts';
import type { ObjectMeta, OwnerReference } from './object.ts';

export type NameRule = (name: string) => string[];

export interface MetaRules {
  readonly namespaced: boolean;
  readonly name: NameRule;
  /** Finalizers need no domain: kinds whose upstream strategy knows only apimachinery's rules. */
  readonly takesPlainFinalizers?: boolean | undefined;
}

export const annotationsMaxBytes = 256 * 1024;

export function validateObjectMeta(
  meta: ObjectMeta | undefined,
  rules: MetaRules,
  path = 'metadata',
): FieldError[] {
  return wholeMeta(meta, checkParts(meta, path), rules, path);
}

/** System fields that an update omits have been copied from the stored object before. */
export function validateObjectMetaUpdate(
  meta: ObjectMeta | undefined,
  old: ObjectMeta | undefined,
  path = 'metadata',
  rules?: Pick<MetaRules, 'takesPlainFinalizers'>,
): FieldError[] {
  return changedMeta(validateChange(meta, old, path), checkParts(meta, path), rules);
}

/**
 * The checks of an update's metadata, each of which upstream makes again where its code passes by: the registry
 * makes both for every kind, a kind's own validation its selection of them.
 */
export interface MetaUpdateErrors {
  /** The errors of the registry, which knows no rules of the kind. */
  readonly common: FieldError[];
  /** By the kind's rules, as at creation. */
  readonly whole: FieldError[];
  /** By the kind's rules, with the fields that may not change. */
  readonly change: FieldError[];
}

export function metaUpdateErrors(
  meta: ObjectMeta | undefined,
  old: ObjectMeta | undefined,
  rules: MetaRules,
): MetaUpdateErrors {
  const path = 'metadata';
  const parts = checkParts(meta, path);
  const change = validateChange(meta, old, path);
  const common: MetaRules = {
    namespaced: rules.namespaced,
    name: pathSegmentName,
    takesPlainFinalizers: true,
  };
  return {
    common: together(wholeMeta(meta, parts, common, path), changedMeta(change, parts, common)),
    whole: wholeMeta(meta, parts, rules, path),
    change: changedMeta(change, parts, rules),
  };
}

/** Checks that need neither the old metadata nor the kind's rules. */
interface MetaParts {
  /** Labels, annotations, owners. */
  readonly descriptions: FieldError[];
  readonly finalizers: FieldError[];
  readonly unknownFinalizers: FieldError[];
  readonly managedFields: FieldError[];
}

function checkParts(meta: ObjectMeta | undefined, path: string): MetaParts {
  return {
    descriptions: together(
      validateLabels(meta?.labels, `${path}.labels`),
      validateAnnotations(meta?.annotations, `${path}.annotations`),
      validateOwnerReferences(meta?.ownerReferences, `${path}.ownerReferences`),
    ),
    finalizers: validateFinalizers(meta?.finalizers, `${path}.finalizers`),
    unknownFinalizers: (meta?.finalizers ?? []).flatMap((name, i) =>
      validateStandardFinalizer(name, `${path}.finalizers[${i}]`),
    ),
    managedFields: validateManagedFields(meta?.managedFields, `${path}.managedFields`),
  };
}

function wholeMeta(
  meta: ObjectMeta | undefined,
  { descriptions, finalizers, unknownFinalizers, managedFields }: MetaParts,
  rules: MetaRules,
  path: string,
): FieldError[] {
  const ofKind = rules.takesPlainFinalizers ? [] : unknownFinalizers;
  return together(validateNames(meta, rules, path), descriptions, finalizers, managedFields, ofKind);
}

function changedMeta(
  change: FieldError[],
  { descriptions, managedFields, unknownFinalizers }: MetaParts,
  rules: Pick<MetaRules, 'takesPlainFinalizers'> | undefined,
): FieldError[] {
  return together(change, descriptions, managedFields, rules?.takesPlainFinalizers ? [] : unknownFinalizers);
}

function validateNames(meta: ObjectMeta | undefined, rules: MetaRules, path: string): FieldError[] {
  const { name = '', generateName = '', namespace = '' } = meta ?? {};
  const errors: FieldError[] = [];
  if (generateName) errors.push(...checkField(`${path}.generateName`, generateName, prefixRule(rules.name)));
  if (!name) errors.push(required(`${path}.name`, 'name or generateName is required'));
  else errors.push(...checkField(`${path}.name`, name, rules.name));
  if (!rules.namespaced) {
    if (namespace) errors.push(forbiddenField(`${path}.namespace`, 'not allowed on this type'));
  } else if (!namespace) {
    errors.push(required(`${path}.namespace`));
  } else {
    errors.push(...checkField(`${path}.namespace`, namespace, dns1123Label));
  }
  if ((meta?.generation ?? 0) < 0) {
    errors.push(invalidValue(`${path}.generation`, meta!.generation, 'must be greater than or equal to 0'));
  }
  return errors;
}

const immutableFields = [
  'name',
  'namespace',
  'uid',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
] as const;

function validateChange(
  meta: ObjectMeta | undefined,
  old: ObjectMeta | undefined,
  path: string,
): FieldError[] {
  const errors: FieldError[] = [];
  if (old?.deletionTimestamp) errors.push(...noNewFinalizers(meta, old, `${path}.finalizers`));
  if (meta?.generation !== undefined && meta.generation < (old?.generation ?? 0)) {
    errors.push(invalidValue(`${path}.generation`, meta.generation, 'must not be decremented'));
  }
  for (const key of immutableFields) {
    if (meta?.[key] !== old?.[key]) {
      errors.push(invalidValue(`${path}.${key}`, meta?.[key], fieldIsImmutable));
    }
  }
  return errors;
}

/** A prefix may end in a dash: the suffix makes the name valid. */
function prefixRule(rule: NameRule): NameRule {
  return (prefix) => rule(prefix.endsWith('-') && prefix.length > 1 ? `${prefix.slice(0, -2)}a` : prefix);
}

export function validateLabels(labels: Record<string, string> | undefined, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const key in labels) {
    for (const text of qualifiedName(key)) errors.push(invalidValue(path, key, text));
    for (const text of labelValue(labels[key]!)) errors.push(invalidValue(path, labels[key], text));
  }
  return errors;
}

export function validateAnnotations(
  annotations: Record<string, string> | undefined,
  path: string,
): FieldError[] {
  const errors: FieldError[] = [];
  let totalBytes = 0;
  for (const key in annotations) {
    const value = annotations[key]!;
    for (const text of qualifiedName(key.toLowerCase())) errors.push(invalidValue(path, key, text));
    totalBytes += byteLength(key) + byteLength(value);
  }
  if (totalBytes > annotationsMaxBytes) errors.push(tooLong(path, annotationsMaxBytes));
  return errors;
}

function validateOwnerReferences(owners: OwnerReference[] | undefined, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const shown = lazily(() => (owners ?? []).map(inOrder));
  let controller: string | undefined;
  for (const owner of owners ?? []) {
    errors.push(...validateOwnerReference(owner, path));
    if (!owner.controller) continue;
    const current = `${owner.kind ?? ''}/${owner.name ?? ''}`;
    if (controller !== undefined) {
      const text = `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${current}`;
      errors.push(invalidValue(path, shown(), text));
    } else {
      controller = current;
    }
  }
  return errors;
}

function validateOwnerReference(owner: OwnerReference, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const empty = (key: 'kind' | 'name' | 'uid') => {
    if (!owner[key]) errors.push(invalidValue(`${path}.${key}`, owner[key] ?? '', 'must not be empty'));
  };
  if (!/^([^/]*\/)?[^/]+$/.test(owner.apiVersion ?? '')) {
    errors.push(invalidValue(`${path}.apiVersion`, owner.apiVersion ?? '', 'version must not be empty'));
  }
  empty('kind');
  empty('name');
  empty('uid');
  if (owner.apiVersion === 'v1' && owner.kind === 'Event') {
    errors.push(invalidValue(path, inOrder(owner), '/v1, Kind=Event is disallowed from being an owner'));
  }
  return errors;
}

/** In the order of upstream's struct, as it is printed. */
function inOrder({ apiVersion, kind, name, uid, controller, blockOwnerDeletion }: OwnerReference) {
  return { apiVersion, kind, name, uid, controller, blockOwnerDeletion };
}

const standardFinalizers = ['kubernetes', 'orphan', 'foregroundDeletion'];

function validateFinalizers(finalizers: string[] | undefined, path: string): FieldError[] {
  const list = finalizers ?? [];
  const errors = list.flatMap((name) => checkField(path, name, qualifiedName));
  if (list.includes('orphan') && list.includes('foregroundDeletion')) {
    errors.push(invalidValue(path, list, 'finalizer orphan and foregroundDeletion cannot be both set'));
  }
  return errors;
}

/** A finalizer without a domain must be one of the three standard ones. */
export function validateStandardFinalizer(name: string, path: string): FieldError[] {
  if (name.includes('/') || standardFinalizers.includes(name)) return [];
  return [invalidValue(path, name, 'name is neither a standard finalizer name nor is it fully qualified')];
}

function noNewFinalizers(meta: ObjectMeta | undefined, old: ObjectMeta, path: string): FieldError[] {
  const before = new Set(old.finalizers ?? []);
  const added = (meta?.finalizers ?? []).filter((name) => !before.has(name)).sort();
  if (added.length === 0) return [];
  const list = `[]string{${added.map((name) => JSON.stringify(name)).join(', ')}}`;
  const text = `no new finalizers can be added if the object is being deleted, found new finalizers ${list}`;
  return [forbiddenField(path, text)];
}
