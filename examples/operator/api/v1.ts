/** A Website as this operator works with it: web.example.com/v1, the stored version. */

import type { KubernetesObject, V1Condition } from '@kubernetes/client-node';

export const group = 'web.example.com';
export const apiVersion = `${group}/v1`;
export const kind = 'Website';
export const plural = 'websites';

export interface Website extends KubernetesObject {
  spec: WebsiteSpec;
  status?: WebsiteStatus;
}

export interface WebsiteSpec {
  /** The name that visitors type; belongs to one website of the cluster, and never changes. */
  host: string;
  /** Other names of the same website. */
  aliases?: string[];
  image: string;
  /** Where the container listens. */
  port: number;
  replicas: number;
}

export interface WebsiteStatus {
  /** The generation of the spec that this status describes. */
  observedGeneration?: number;
  replicas?: number;
  readyReplicas?: number;
  /** Of the pods, for the scale subresource. */
  selector?: string;
  url?: string;
  conditions?: V1Condition[];
}

/** Every name of a website: its host and its aliases. */
export function hostsOf({ spec }: Website): string[] {
  return [spec.host, ...(spec.aliases ?? [])];
}

/** `NAMESPACE/NAME`. */
export function keyOf({ metadata }: KubernetesObject): string {
  return `${metadata?.namespace}/${metadata?.name}`;
}
