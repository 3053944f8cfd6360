/** RoleBinding and ClusterRoleBinding: subjects and their role; the role is immutable. */

import { clusterRoleBindings, roleBindings } from '../../generated/kinds.gen.ts';
import type { ClusterRoleBinding, RoleBinding, RoleRef, Subject } from '../../generated/types.gen.ts';
import { ageOf, nameOf } from '../../kind/cells.ts';
import { defineKind } from '../../kind/define-kind.ts';
import { ageColumn, column, nameColumn, type PrintTime, wideColumn } from '../../kind/printer.ts';
import { deepEqual } from '../../schema/deep-equal.ts';
import { checkField } from '../../validation/field-checks.ts';
import { type FieldError, invalidValue, notSupported, required } from '../../validation/field-error.ts';
import { dns1123Subdomain, pathSegmentName } from '../../validation/validators.ts';

const columns = [
  nameColumn,
  column('Role'),
  ageColumn,
  wideColumn('Users'),
  wideColumn('Groups'),
  wideColumn('ServiceAccounts'),
];

export const roleBinding = defineKind(roleBindings, {
  allowCreateOnUpdate: true,
  setDefaults: setBindingDefaults,
  validate: (binding) => validateBinding(binding, true),
  updateChecks: ['metadata', 'object', 'metadataChange', 'change'],
  validateUpdate: validateRoleKept,
  nameRule: pathSegmentName,
  printer: {
    columns,
    cells,
  },
});

export const clusterRoleBinding = defineKind(clusterRoleBindings, {
  allowCreateOnUpdate: true,
  setDefaults: setBindingDefaults,
  validate: (binding) => validateBinding(binding, false),
  updateChecks: ['metadata', 'object', 'metadataChange', 'change'],
  validateUpdate: validateRoleKept,
  nameRule: pathSegmentName,
  printer: {
    columns,
    cells,
  },
});

function cells(binding: RoleBinding | ClusterRoleBinding, now: PrintTime): unknown[] {
  const ofKind = (kind: string) => (binding.subjects ?? []).filter((subject) => subject.kind === kind);
  return [
    nameOf(binding),
    `${binding.roleRef.kind}/${binding.roleRef.name}`,
    ageOf(binding, now),
    ofKind('User')
      .map((subject) => subject.name)
      .join(', '),
    ofKind('Group')
      .map((subject) => subject.name)
      .join(', '),
    ofKind('ServiceAccount')
      .map((subject) => `${subject.namespace}/${subject.name}`)
      .join(', '),
  ];
}

const rbacGroup = 'rbac.authorization.k8s.io';

/** API groups of subjects and role default by their kinds. */
function setBindingDefaults(binding: RoleBinding | ClusterRoleBinding): void {
  binding.roleRef ??= {} as RoleRef;
  binding.roleRef.apiGroup ||= rbacGroup;
  for (const subject of binding.subjects ?? []) {
    if (subject.kind === 'User' || subject.kind === 'Group') subject.apiGroup ||= rbacGroup;
  }
}

function validateBinding(binding: RoleBinding | ClusterRoleBinding, isNamespaced: boolean): FieldError[] {
  const errors: FieldError[] = [];
  const { apiGroup = '', kind = '', name = '' } = binding.roleRef ?? {};
  if (apiGroup !== rbacGroup) errors.push(notSupported('roleRef.apiGroup', apiGroup, [rbacGroup]));
  const kinds = isNamespaced ? ['Role', 'ClusterRole'] : ['ClusterRole'];
  if (!kinds.includes(kind)) errors.push(notSupported('roleRef.kind', kind, kinds));
  if (!name) errors.push(required('roleRef.name'));
  else errors.push(...checkField('roleRef.name', name, pathSegmentName));
  const subjects = binding.subjects ?? [];
  return [
    ...errors,
    ...subjects.flatMap((subject, i) => validateSubject(subject, isNamespaced, `subjects[${i}]`)),
  ];
}

function validateSubject(subject: Subject, isNamespaced: boolean, path: string): FieldError[] {
  const errors = subject.name ? [] : [required(`${path}.name`)];
  const group = subject.apiGroup ?? '';
  const groupAt = `${path}.apiGroup`;
  switch (subject.kind) {
    case 'ServiceAccount':
      if (subject.name) errors.push(...checkField(`${path}.name`, subject.name, dns1123Subdomain));
      if (group !== '') errors.push(notSupported(groupAt, group, ['']));
      if (!isNamespaced && !subject.namespace) errors.push(required(`${path}.namespace`));
      break;
    case 'User':
    case 'Group':
      if (group !== rbacGroup) errors.push(notSupported(groupAt, group, [rbacGroup]));
      break;
    default:
      errors.push(notSupported(`${path}.kind`, subject.kind ?? '', ['ServiceAccount', 'User', 'Group']));
  }
  return errors;
}

function validateRoleKept(
  now: RoleBinding | ClusterRoleBinding,
  old: RoleBinding | ClusterRoleBinding,
): FieldError[] {
  if (deepEqual(now.roleRef, old.roleRef)) return [];
  // As upstream's internal type is printed, with Go's field names.
  const { apiGroup: APIGroup = '', kind: Kind = '', name: Name = '' } = now.roleRef ?? {};
  return [invalidValue('roleRef', { APIGroup, Kind, Name }, 'cannot change roleRef')];
}
