/**
 * Deletes CertificateSigningRequests that were issued, denied or failed an hour ago, have been pending for a day, or
 * whose certificate has expired.
 *
 * Reads and deletes CertificateSigningRequests. Follows upstream's csrcleaner, which checks once an hour.
 */

import { X509Certificate } from 'node:crypto';
import { certificateSigningRequests } from '#api/generated/kinds.gen.ts';
import type { CertificateSigningRequest as Request } from '#api/generated/types.gen.ts';
import type { Stored } from '#api/meta/object.ts';
import { defineController } from '#client/controllers/controller.ts';
import { nothingToDo, type Plan, targetOf } from '#client/controllers/plan.ts';
import { watch } from '#client/controllers/watch.ts';
import { conditionsOf } from './requests.ts';

const hourMs = 3600 * 1000;
const decidedMs = hourMs;
const pendingMs = 24 * hourMs;
/** Below the longest delay of a timer (24 days): a later end is checked again then. */
const lookMsMax = 24 * hourMs;

export const csrCleaner = defineController({
  name: 'csrcleaner',
  identity: 'certificate-controller',
  start({ informers, env }) {
    const requests = informers.for(certificateSigningRequests);
    return {
      watches: [watch({ type: certificateSigningRequests })],
      reconcile(name): Plan {
        const request = requests.get(undefined, name);
        if (!request) return nothingToDo;
        const leftMs = endOf(request) - env.clock.now();
        if (leftMs >= 0) return { actions: [], againInMs: Math.min(leftMs + 1, lookMsMax) };
        const { uid } = request.metadata;
        return {
          actions: [
            { do: 'delete', ...targetOf(certificateSigningRequests, request), uid, ignore: ['NotFound'] },
          ],
        };
      },
    };
  },
});

/** The time at which the request is deleted, in ms: the earliest of all reasons. */
function endOf(request: Stored<Request>): number {
  const certificate = request.status?.certificate;
  const conditions = conditionsOf(request);
  if (conditions.length === 0) return Date.parse(request.metadata.creationTimestamp ?? '') + pendingMs;
  const ends = conditions.flatMap(({ type, lastUpdateTime }) => {
    const sinceMs = lastUpdateTime ? Date.parse(lastUpdateTime) : Number.NaN;
    if (type === 'Denied' || type === 'Failed') return [sinceMs + decidedMs];
    if (type !== 'Approved') return [];
    return certificate ? [sinceMs + decidedMs, expiryOf(certificate)] : [sinceMs + pendingMs];
  });
  return Math.min(...ends.filter((end) => !Number.isNaN(end)), Number.MAX_SAFE_INTEGER);
}

function expiryOf(certificate: string): number {
  try {
    return new X509Certificate(Buffer.from(certificate, 'base64')).validToDate.getTime();
  } catch {
    return Number.NaN;
  }
}
