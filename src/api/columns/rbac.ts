/** The columns of RoleBinding and ClusterRoleBinding; roles show when they were created. */

import { clusterRoleBindings, roleBindings } from '../generated/kinds.gen.ts';
import type { ClusterRoleBinding, RoleBinding } from '../generated/types.gen.ts';
import { ageOf, nameOf } from './cells.ts';
import { ageColumn, column, definePrinted, nameColumn, wideColumn } from './define.ts';

const columns = [
  nameColumn,
  column('Role'),
  ageColumn,
  wideColumn('Users'),
  wideColumn('Groups'),
  wideColumn('ServiceAccounts'),
];

export const roleBindingColumns = definePrinted(roleBindings, columns, cells);
export const clusterRoleBindingColumns = definePrinted(clusterRoleBindings, columns, cells);

function cells(one: RoleBinding | ClusterRoleBinding, nowMs: number): unknown[] {
  const ofKind = (kind: string) => (one.subjects ?? []).filter((subject) => subject.kind === kind);
  return [
    nameOf(one),
    `${one.roleRef.kind}/${one.roleRef.name}`,
    ageOf(one, nowMs),
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
