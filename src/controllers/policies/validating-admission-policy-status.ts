/**
 * Says in the status of each ValidatingAdmissionPolicy what its expressions confuse about the types of the objects that
 * it matches, once for each generation of it.
 *
 * Reads ValidatingAdmissionPolicies; writes their status. Follows upstream's validatingadmissionpolicy-status-controller;
 * objects of custom resources are not typed here.
 */

import { validatingAdmissionPolicies } from '#api/generated/kinds.gen.ts';
import type { ValidatingAdmissionPolicy } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { defineController } from '#client/controllers/controller.ts';
import { nothingToDo } from '#client/controllers/plan.ts';
import { watch } from '#client/controllers/watch.ts';
import { expressionWarnings } from './type-check.ts';

export const validatingAdmissionPolicyStatus = defineController({
  name: 'validatingadmissionpolicy-status-controller',
  start({ informers }) {
    const policies = informers.for(validatingAdmissionPolicies);
    return {
      watches: [watch({ type: validatingAdmissionPolicies })],
      reconcile(name) {
        const policy = policies.get(undefined, name);
        if (!policy || isChecked(policy)) return nothingToDo;
        const object = { ...policy, status: { ...policy.status, ...checked(policy) } };
        return { actions: [{ do: 'updateStatus', type: validatingAdmissionPolicies, object }] };
      },
    };
  },
});

const isChecked = ({ metadata, status }: Stored<ValidatingAdmissionPolicy>) =>
  (metadata.generation ?? 0) <= (status?.observedGeneration ?? 0);

function checked({ metadata, spec = {} }: Stored<ValidatingAdmissionPolicy>) {
  const warnings = expressionWarnings(spec);
  return {
    observedGeneration: metadata.generation ?? 0,
    typeChecking: warnings.length === 0 ? {} : { expressionWarnings: warnings },
  };
}
