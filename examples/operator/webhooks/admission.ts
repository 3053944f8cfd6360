/** What the API server asks a webhook about a Website, and what it is answered. */

import type { Website } from '../api/v1.ts';

export interface AdmissionRequest {
  readonly uid: string;
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';
  readonly namespace: string;
  /** Empty where the API server is to generate one. */
  readonly name?: string;
  readonly object: Website;
  /** Null when the object is created. */
  readonly oldObject: Website | null;
}

export interface AdmissionResponse {
  readonly allowed: boolean;
  /** Why it is refused. */
  readonly status?: { readonly message: string };
  /** Shown to the client, whether it is allowed or not. */
  readonly warnings?: readonly string[];
  readonly patchType?: 'JSONPatch';
  /** In base64. */
  readonly patch?: string;
}

export type Admit = (request: AdmissionRequest) => AdmissionResponse | Promise<AdmissionResponse>;

interface AdmissionReview {
  readonly apiVersion: string;
  readonly kind: string;
  readonly request: AdmissionRequest;
}

export async function review(admit: Admit, body: unknown): Promise<object> {
  const { apiVersion, kind, request } = body as AdmissionReview;
  return { apiVersion, kind, response: { uid: request.uid, ...(await admit(request)) } };
}
