/**
 * Approves kubelets' requests for client certificates, if the requesting user may create such requests for the own
 * node or for any node.
 *
 * Reads CertificateSigningRequests, asks a SubjectAccessReview, writes approvals. Follows upstream's
 * csrapproving.
 */

import { certificateSigningRequests, subjectAccessReviews } from '#api/generated/kinds.gen.ts';
import type { CertificateSigningRequest as Request, SubjectAccessReview } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { type ControllerDefinition, defineController } from '#client/controllers/controller.ts';
import { nothingToDo, type Plan } from '#client/controllers/plan.ts';
import { type SpecialStep, special } from '#client/controllers/special.ts';
import { watch } from '#client/controllers/watch.ts';
import type { CertificateAuthority, CertificateRequest } from './authority.ts';
import { approval, isDecided, kubeletClientProblem, pemOf, signers } from './requests.ts';

interface Recognizer {
  readonly subresource: 'selfnodeclient' | 'nodeclient';
  readonly message: string;
}

const ofItself: Recognizer = {
  subresource: 'selfnodeclient',
  message: 'Auto approving self kubelet client certificate after SubjectAccessReview.',
};
const ofAnyNode: Recognizer = {
  subresource: 'nodeclient',
  message: 'Auto approving kubelet client certificate after SubjectAccessReview.',
};

export function csrApproving(authority: Pick<CertificateAuthority, 'read'>): ControllerDefinition {
  return defineController({
    name: 'csrapproving',
    identity: 'certificate-controller',
    start({ informers }) {
      const requests = informers.for(certificateSigningRequests);
      return {
        watches: [watch({ type: certificateSigningRequests })],
        steps: [approveIfAllowed],
        async reconcile(name): Promise<Plan> {
          const request = requests.get(undefined, name);
          if (!request || isDecided(request)) return nothingToDo;
          const recognizers = recognizersOf(request, await authority.read(pemOf(request)));
          if (recognizers.length === 0) return nothingToDo;
          const about = `CertificateSigningRequest ${name}`;
          return { actions: [special(approveIfAllowed, about, { request, recognizers })] };
        },
      };
    },
  });
}

function recognizersOf({ spec }: Request, asked: CertificateRequest): readonly Recognizer[] {
  if (spec.signerName !== signers.kubeletClient || kubeletClientProblem(asked, spec.usages ?? [])) return [];
  return spec.username === asked.commonName ? [ofItself, ofAnyNode] : [ofAnyNode];
}

interface ToApprove {
  readonly request: Stored<Request>;
  readonly recognizers: readonly Recognizer[];
}

/** A special step: the answer of a SubjectAccessReview decides. */
const approveIfAllowed: SpecialStep<ToApprove> = {
  name: 'approve if the user may create such requests',
  async carryOut({ request, recognizers }, client): Promise<Plan> {
    for (const { subresource, message } of recognizers) {
      const review = await client.create(subjectAccessReviews, reviewOf(request, subresource));
      if (review.status?.allowed) return approval(request, message);
    }
    return nothingToDo;
  },
};

function reviewOf({ spec }: Request, subresource: string): SubjectAccessReview {
  const { username, uid, groups, extra } = spec;
  return {
    spec: {
      ...(username ? { user: username } : {}),
      ...(uid ? { uid } : {}),
      ...(groups ? { groups } : {}),
      ...(extra ? { extra } : {}),
      resourceAttributes: {
        group: certificateSigningRequests.group,
        resource: certificateSigningRequests.resource,
        verb: 'create',
        subresource,
        version: '*',
      },
    },
  };
}
