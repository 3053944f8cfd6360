/** Rules that need more than the object itself, which is all that CEL in the schema sees. */

import { hostsOf, keyOf, type Website } from '../api/v1.ts';
import type { AdmissionRequest, AdmissionResponse } from './admission.ts';

/** `allWebsites` reads from the API server, not from a cache: two websites may be made within the same moment. */
export async function validate(
  allWebsites: () => Promise<Website[]>,
  { object, oldObject }: AdmissionRequest,
): Promise<AdmissionResponse> {
  const warnings = warningsOf(object);
  if (!hasNewHosts(object, oldObject)) return { allowed: true, warnings };
  const message = conflictOf(object, await allWebsites());
  return message === undefined ? { allowed: true, warnings } : { allowed: false, status: { message } };
}

/** An object that is stored already can always be changed elsewhere, and deleted. */
function hasNewHosts(website: Website, old: Website | null): boolean {
  if (website.metadata?.deletionTimestamp) return false;
  const before = new Set(old ? hostsOf(old) : []);
  return hostsOf(website).some((host) => !before.has(host));
}

/** Which of its hosts belongs to another website already. */
export function conflictOf(website: Website, others: readonly Website[]): string | undefined {
  const wanted = new Set(hostsOf(website));
  for (const other of others) {
    if (keyOf(other) === keyOf(website)) continue;
    const host = hostsOf(other).find((name) => wanted.has(name));
    if (host) return `host ${host} belongs to website ${keyOf(other)}`;
  }
  return undefined;
}

/** An image is the same tomorrow only when its reference has a tag or a digest. */
export function warningsOf({ spec }: Website): string[] {
  const lastPart = spec.image.split('/').at(-1) ?? '';
  const isFixed = /[:@]/.test(lastPart) && !lastPart.endsWith(':latest');
  return isFixed ? [] : [`spec.image: ${spec.image} may be another image tomorrow: name a tag`];
}
