/** Answers the API server that wants Websites in another version: all of them, or none with the reason. */

import type { KubernetesObject } from '@kubernetes/client-node';
import { convert } from '../api/conversion.ts';

interface ConversionReview {
  readonly apiVersion: string;
  readonly kind: string;
  readonly request: {
    readonly uid: string;
    readonly desiredAPIVersion: string;
    readonly objects: readonly KubernetesObject[];
  };
}

export function reviewConversion(body: unknown): object {
  const { apiVersion, kind, request } = body as ConversionReview;
  const { uid, desiredAPIVersion, objects } = request;
  try {
    const convertedObjects = objects.map((object) => convert(object, desiredAPIVersion));
    return { apiVersion, kind, response: { uid, convertedObjects, result: { status: 'Success' } } };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { apiVersion, kind, response: { uid, result: { status: 'Failure', message } } };
  }
}
