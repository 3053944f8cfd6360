/**
 * Says in the status of each ValidatingAdmissionPolicy what its expressions confuse about the types of the objects that
 * it matches, once for each generation of it.
 *
 * Reads ValidatingAdmissionPolicies, and what the API server publishes of kinds that are not built in; writes their
 * status. Follows upstream's validatingadmissionpolicy-status-controller.
 */

import { validatingAdmissionPolicies } from '#api/generated/kinds.gen.ts';
import type { ValidatingAdmissionPolicy } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { defineController } from '#client/controllers/controller.ts';
import { nothingToDo, type Plan } from '#client/controllers/plan.ts';
import { watch } from '#client/controllers/watch.ts';
import { builtInTypes, groupVersionsToLookUp, type KindTypes, publishedTypes } from './kind-types.ts';
import { expressionWarnings } from './type-check.ts';

export const validatingAdmissionPolicyStatus = defineController({
  name: 'validatingadmissionpolicy-status-controller',
  start({ informers, client }) {
    const policies = informers.for(validatingAdmissionPolicies);
    return {
      watches: [watch({ type: validatingAdmissionPolicies })],
      reconcile(name) {
        const policy = policies.get(undefined, name);
        if (!policy || isChecked(policy)) return nothingToDo;
        const wanted = groupVersionsToLookUp(policy.spec ?? {});
        if (wanted.length === 0) return planOf(policy, builtInTypes);
        return publishedTypes(client, wanted).then((types) => planOf(policy, types));
      },
    };
  },
});

const isChecked = ({ metadata, status }: Stored<ValidatingAdmissionPolicy>) =>
  (metadata.generation ?? 0) <= (status?.observedGeneration ?? 0);

function planOf(policy: Stored<ValidatingAdmissionPolicy>, types: KindTypes): Plan {
  const object = { ...policy, status: { ...policy.status, ...checked(policy, types) } };
  return { actions: [{ do: 'updateStatus', type: validatingAdmissionPolicies, object }] };
}

function checked({ metadata, spec = {} }: Stored<ValidatingAdmissionPolicy>, types: KindTypes) {
  const warnings = expressionWarnings(spec, types);
  return {
    observedGeneration: metadata.generation ?? 0,
    typeChecking: warnings.length === 0 ? {} : { expressionWarnings: warnings },
  };
}
