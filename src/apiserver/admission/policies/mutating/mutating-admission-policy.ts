/**
 * Carries out the bound MutatingAdmissionPolicies of a request. Reads: MutatingAdmissionPolicy,
 * MutatingAdmissionPolicyBinding, Namespace and the kinds of parameters. Upstream: MutatingAdmissionPolicy.
 */

import { mutatingAdmissionPolicies, mutatingAdmissionPolicyBindings } from '#api/generated/kinds.gen.ts';
import {
  type AdmissionAttributes,
  type AdmissionPlugin,
  defineAdmission,
} from '../../../contract/admission.ts';
import { boundPolicies } from '../bound-policies.ts';
import type { PolicyOptions } from '../policy-options.ts';
import { MutationRound } from './mutation-round.ts';
import { policyDenial } from './policy-denial.ts';

export function mutatingAdmissionPolicy(options: PolicyOptions): AdmissionPlugin {
  /** By request. */
  const rounds = new WeakMap<AdmissionAttributes, MutationRound>();
  return defineAdmission({
    name: 'MutatingAdmissionPolicy',
    // Not DELETE: it has no new object.
    rules: [{ operations: ['CREATE', 'UPDATE', 'CONNECT'], apiGroups: ['*'], resources: ['*/*'] }],
    mutate(attributes) {
      const bound = boundPolicies(
        options,
        attributes,
        mutatingAdmissionPolicies,
        mutatingAdmissionPolicyBindings,
      );
      if (bound.length === 0) return undefined;
      const round = rounds.get(attributes) ?? new MutationRound(options, attributes);
      rounds.set(attributes, round);
      return round.run(bound).then(([first, ...others]) => {
        if (first) throw policyDenial(attributes, [first, ...others]);
      });
    },
  });
}
