/**
 * Signs approved requests for the four signers of `kubernetes.io`, or sets the condition Failed with the reason.
 *
 * Reads CertificateSigningRequests, writes their status. Follows upstream's csrsigning controllers.
 */

import { certificateSigningRequests } from '#api/generated/kinds.gen.ts';
import type { CertificateSigningRequest as Request } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { rfc3339 } from '#base/clock.ts';
import { type ControllerDefinition, defineController } from '#client/controllers/controller.ts';
import { nothingToDo, type Plan } from '#client/controllers/plan.ts';
import { watch } from '#client/controllers/watch.ts';
import type { CertificateAuthority } from './authority.ts';
import { conditionsOf, hasCondition, pemOf, problemFor, signers } from './requests.ts';

/** The default of upstream's --cluster-signing-duration. */
const usualLifeMs = 365 * 24 * 3600 * 1000;
const lifeMsMin = 10 * 60 * 1000;

/** `lifeMsMax`: of certificates whose requests do not ask for less. */
export function csrSigning(authority: CertificateAuthority, lifeMsMax = usualLifeMs): ControllerDefinition {
  return defineController({
    name: 'csrsigning',
    identity: 'certificate-controller',
    start({ informers, env }) {
      const requests = informers.for(certificateSigningRequests);
      return {
        watches: [watch({ type: certificateSigningRequests })],
        async reconcile(name): Promise<Plan> {
          const request = requests.get(undefined, name);
          if (!request || !isToBeSigned(request)) return nothingToDo;
          const pem = pemOf(request);
          const { signerName, usages = [], expirationSeconds } = request.spec;
          const problem = problemFor(signerName, await authority.read(pem), usages);
          if (problem) return failed(request, problem, rfc3339(env.clock.now()));
          const certificate = await authority.sign(pem, usages, lifeMsOf(expirationSeconds, lifeMsMax));
          return withStatus(request, { certificate: Buffer.from(certificate).toString('base64') });
        },
      };
    },
  });
}

const known: readonly string[] = Object.values(signers);

function isToBeSigned(request: Request): boolean {
  if (request.status?.certificate || !known.includes(request.spec.signerName)) return false;
  const isApproved = hasCondition(request, 'Approved') && !hasCondition(request, 'Denied');
  return isApproved && !hasCondition(request, 'Failed');
}

function lifeMsOf(expirationSeconds: number | undefined, lifeMsMax: number): number {
  if (expirationSeconds === undefined) return lifeMsMax;
  return Math.min(lifeMsMax, Math.max(lifeMsMin, expirationSeconds * 1000));
}

function failed(request: Stored<Request>, message: string, now: string): Plan {
  const condition = {
    type: 'Failed',
    status: 'True',
    reason: 'SignerValidationFailure',
    message,
    lastUpdateTime: now,
  };
  return withStatus(request, { conditions: [...conditionsOf(request), condition] });
}

function withStatus(request: Stored<Request>, status: Request['status']): Plan {
  const object = { ...request, status: { ...request.status, ...status } };
  return { actions: [{ do: 'updateStatus', type: certificateSigningRequests, object }] };
}
