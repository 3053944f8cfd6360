/** Asks the API for a certificate by a CertificateSigningRequest, and waits until it is signed. */

import { certificateSigningRequests } from '#api/generated/kinds.gen.ts';
import type { CertificateSigningRequest } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import type { Env } from '#base/env.ts';
import type { Client } from '#client/client.ts';
import { createInformers } from '#client/informers/informers.ts';
import { generateKeyPem, type KeyPair, newSigningRequest } from '#pki/certificate.ts';
import { informerShows } from '../../readiness.ts';

export interface CertificateTemplate {
  readonly signerName: string;
  readonly usages: readonly string[];
  readonly nodeName: string;
  readonly dnsNames?: readonly string[];
  readonly ipAddresses?: readonly string[];
  /** Default: what the signer gives. */
  readonly lifeSeconds?: number;
}

/** Upstream's certificateWaitTimeout. */
const waitMs = 15 * 60_000;

/** Throws when the request is denied, fails, or is not signed within 15 minutes. */
export async function requestCertificate(
  env: Env,
  client: Client,
  template: CertificateTemplate,
): Promise<KeyPair> {
  const keyPem = generateKeyPem();
  const { metadata } = await client.create(certificateSigningRequests, requestOf(template, keyPem));
  const informers = createInformers(client, env);
  try {
    const selection = { fieldSelector: `metadata.name=${metadata.name}` };
    const informer = informers.for(certificateSigningRequests, selection);
    const what = `a certificate for ${metadata.name}`;
    await informerShows(informer, env.clock, waitMs, what, (found) => found.some(isDecided));
    const [request] = informer.list();
    const problem = request ? problemOf(request) : `CertificateSigningRequest ${metadata.name} was deleted`;
    if (problem) throw new Error(problem);
    return { certPem: Buffer.from(request?.status?.certificate ?? '', 'base64').toString(), keyPem };
  } finally {
    informers.stop();
  }
}

function requestOf(template: CertificateTemplate, keyPem: string): CertificateSigningRequest {
  const { nodeName, signerName, usages, lifeSeconds, dnsNames = [], ipAddresses = [] } = template;
  const subject = { commonName: `system:node:${nodeName}`, organizations: ['system:nodes'] };
  const pem = newSigningRequest({ ...subject, dnsNames, ipAddresses }, keyPem);
  return {
    metadata: { generateName: 'csr-' },
    spec: {
      request: Buffer.from(pem).toString('base64'),
      signerName,
      usages: [...usages],
      ...(lifeSeconds === undefined ? {} : { expirationSeconds: lifeSeconds }),
    },
  };
}

function isDecided(request: Stored<CertificateSigningRequest>): boolean {
  return Boolean(request.status?.certificate) || problemOf(request) !== undefined;
}

function problemOf({ metadata, status }: Stored<CertificateSigningRequest>): string | undefined {
  const ending = status?.conditions?.find(({ type }) => type === 'Denied' || type === 'Failed');
  if (!ending) return undefined;
  const outcome = ending.type === 'Denied' ? 'was denied' : 'failed';
  return `CertificateSigningRequest ${metadata.name} ${outcome}: ${ending.message || ending.reason || ''}`;
}
