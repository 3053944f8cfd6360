/** Fills in what a schema's default cannot say: values made of the object's name and of the operator's settings. */

import type { WebsiteSpec } from '../api/v1.ts';
import type { AdmissionRequest, AdmissionResponse } from './admission.ts';

export interface Defaults {
  readonly image: string;
  /** The host of a website that names none is `NAME.NAMESPACE.` and this. */
  readonly domain: string;
}

interface Operation {
  readonly op: 'add';
  readonly path: string;
  readonly value: unknown;
}

export function setDefaults(defaults: Defaults, request: AdmissionRequest): AdmissionResponse {
  const operations = defaultsOf(defaults, request);
  if (operations.length === 0) return { allowed: true };
  const patch = Buffer.from(JSON.stringify(operations)).toString('base64');
  return { allowed: true, patchType: 'JSONPatch', patch };
}

export function defaultsOf({ image, domain }: Defaults, request: AdmissionRequest): Operation[] {
  const { object, name, namespace } = request;
  // It may lack what the schema requires: that is checked after this.
  const spec: Partial<WebsiteSpec> | undefined = object.spec;
  const missing: [string, unknown][] = [];
  if (!spec) missing.push(['', {}]);
  if (!spec?.host && name) missing.push(['/host', `${name}.${namespace}.${domain}`]);
  if (!spec?.image) missing.push(['/image', image]);
  return missing.map(([path, value]) => ({ op: 'add', path: `/spec${path}`, value }));
}
