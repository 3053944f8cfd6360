/** The rules that upstream's signers of `kubernetes.io` have for CertificateSigningRequests, with upstream's messages. */

import { certificateSigningRequests } from '#api/generated/kinds.gen.ts';
import type {
  CertificateSigningRequestCondition as Condition,
  CertificateSigningRequest as Request,
} from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import type { Plan } from '#client/controllers/plan.ts';
import type { CertificateRequest } from './authority.ts';

export const signers = {
  client: 'kubernetes.io/kube-apiserver-client',
  kubeletClient: 'kubernetes.io/kube-apiserver-client-kubelet',
  kubeletServing: 'kubernetes.io/kubelet-serving',
  legacy: 'kubernetes.io/legacy-unknown',
} as const;

export function hasCondition({ status }: Request, type: string): boolean {
  return status?.conditions?.some((condition) => condition.type === type) ?? false;
}

export function conditionsOf({ status }: Request): readonly Condition[] {
  return status?.conditions ?? [];
}

export function isDecided(request: Request): boolean {
  if (request.status?.certificate) return true;
  return hasCondition(request, 'Approved') || hasCondition(request, 'Denied');
}

export function approval(request: Stored<Request>, message: string): Plan {
  const approved = { type: 'Approved', status: 'True', reason: 'AutoApproved', message };
  const object: Request = {
    ...request,
    status: { ...request.status, conditions: [...conditionsOf(request), approved] },
  };
  return { actions: [{ do: 'update', type: certificateSigningRequests, subresource: 'approval', object }] };
}

export function pemOf({ spec }: Request): string {
  return Buffer.from(spec.request, 'base64').toString('latin1');
}

/** Why the signer refuses the request; undefined for a valid request. */
export function problemFor(
  signer: string,
  asked: CertificateRequest,
  usages: readonly string[],
): string | undefined {
  if (signer === signers.kubeletClient) return kubeletClientProblem(asked, usages);
  if (signer === signers.kubeletServing) return kubeletServingProblem(asked, usages);
  return signer === signers.client ? clientProblem(usages) : undefined;
}

export function kubeletClientProblem(
  asked: CertificateRequest,
  usages: readonly string[],
): string | undefined {
  const notAllowed = (what: string) => `${what} subjectAltNames are not allowed`;
  if (!isOfNodes(asked)) return notNodes;
  if (asked.dnsNames.length > 0) return notAllowed('DNS');
  if (asked.emailAddresses.length > 0) return notAllowed('Email');
  if (asked.ipAddresses.length > 0) return notAllowed('IP');
  if (asked.uris.length > 0) return notAllowed('URI');
  if (!asked.commonName.startsWith(nodePrefix)) return notNode;
  return usagesProblem(usages, 'client auth');
}

function kubeletServingProblem(asked: CertificateRequest, usages: readonly string[]): string | undefined {
  if (!isOfNodes(asked)) return notNodes;
  if (asked.dnsNames.length + asked.ipAddresses.length === 0) return 'DNS or IP subjectAltName is required';
  if (asked.emailAddresses.length > 0) return 'Email subjectAltNames are not allowed';
  if (asked.uris.length > 0) return 'URI subjectAltNames are not allowed';
  const problem = usagesProblem(usages, 'server auth');
  if (problem) return problem;
  return asked.commonName.startsWith(nodePrefix) ? undefined : notNode;
}

const nodePrefix = 'system:node:';
const notNodes = 'subject organization is not system:nodes';
const notNode = 'subject common name does not begin with system:node:';

function isOfNodes({ organizations }: CertificateRequest): boolean {
  return organizations.length === 1 && organizations[0] === 'system:nodes';
}

/** `key encipherment` is optional: only RSA keys can do it. */
function usagesProblem(usages: readonly string[], auth: string): string | undefined {
  const given = [...new Set(usages)].sort();
  const required = [auth, 'digital signature', 'key encipherment'].sort();
  const isSame = (wanted: readonly string[]) => JSON.stringify(given) === JSON.stringify(wanted);
  if (isSame(required) || isSame(required.filter((usage) => usage !== 'key encipherment'))) return undefined;
  return `usages did not match [${required.join(' ')}]`;
}

const clientUsages = ['client auth', 'digital signature', 'key encipherment'];

function clientProblem(usages: readonly string[]): string | undefined {
  const wrong = usages.find((usage) => !clientUsages.includes(usage));
  if (wrong !== undefined) return `invalid usage for client certificate: ${wrong}`;
  if (usages.includes('client auth')) return undefined;
  return 'missing required usage for client certificate: client auth';
}
