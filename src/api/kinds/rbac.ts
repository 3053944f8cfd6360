/** Bindings: the API groups of subjects and role follow from their kinds. */

import type { Strategy } from '../strategy.ts';
import type { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from '../types.gen.ts';

const rbacGroup = 'rbac.authorization.k8s.io';

export const role: Strategy<Role> = { allowCreateOnUpdate: true };
export const clusterRole: Strategy<ClusterRole> = { allowCreateOnUpdate: true };

export const roleBinding: Strategy<RoleBinding> = {
  allowCreateOnUpdate: true,
  setDefaults: setBindingDefaults,
};
export const clusterRoleBinding: Strategy<ClusterRoleBinding> = {
  allowCreateOnUpdate: true,
  setDefaults: setBindingDefaults,
};

function setBindingDefaults(binding: RoleBinding | ClusterRoleBinding): void {
  if (binding.roleRef) binding.roleRef.apiGroup ||= rbacGroup;
  for (const subject of binding.subjects ?? []) {
    if (subject.kind === 'User' || subject.kind === 'Group') subject.apiGroup ||= rbacGroup;
  }
}
