/**
 * Deletes requests that are over: issued, denied or failed an hour ago, waiting for a day, or with a
 * certificate that has expired.
 *
 * Reads and deletes CertificateSigningRequests. Follows upstream's csrcleaner, which looks once an hour.
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
/** A timer takes no longer time; the request is looked at again. */
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

/** When it is over: the earliest of all reasons. */
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
