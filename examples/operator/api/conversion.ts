/**
 * Converts Websites between their versions without losing anything: there and back again gives the same object.
 * A conversion may change labels and annotations of the metadata, nothing else of it.
 */

import type { KubernetesObject } from '@kubernetes/client-node';
import { apiVersion, group, type Website } from './v1.ts';
import { aliasesAnnotation, type WebsiteV1beta1 } from './v1beta1.ts';

/** Throws for a version that this operator does not know. */
export function convert(object: KubernetesObject, desiredApiVersion: string): KubernetesObject {
  if (object.apiVersion === desiredApiVersion) return object;
  switch (desiredApiVersion) {
    case apiVersion:
      return toV1(object as WebsiteV1beta1);
    case `${group}/v1beta1`:
      return toV1beta1(object as Website);
    default:
      throw new Error(`a Website has no version ${desiredApiVersion}`);
  }
}

function toV1(website: WebsiteV1beta1): Website {
  const { domain, ...spec } = website.spec;
  const { [aliasesAnnotation]: aliases, ...annotations } = website.metadata?.annotations ?? {};
  return {
    ...website,
    apiVersion,
    metadata: withAnnotations(website, annotations),
    spec: { ...spec, host: domain, ...(aliases === undefined ? {} : { aliases: JSON.parse(aliases) }) },
  };
}

function toV1beta1(website: Website): WebsiteV1beta1 {
  const { host, aliases, ...spec } = website.spec;
  const annotations = { ...website.metadata?.annotations };
  if (aliases !== undefined) annotations[aliasesAnnotation] = JSON.stringify(aliases);
  return {
    ...website,
    apiVersion: `${group}/v1beta1`,
    metadata: withAnnotations(website, annotations),
    spec: { ...spec, domain: host },
  };
}

function withAnnotations({ metadata }: KubernetesObject, annotations: Record<string, string>) {
  const { annotations: _, ...rest } = metadata ?? {};
  return Object.keys(annotations).length > 0 ? { ...rest, annotations } : rest;
}
