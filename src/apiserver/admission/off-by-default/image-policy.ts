/** The configuration of ImagePolicyWebhook: which webhook judges images, and how long its answers are kept. */

import { type KubeconfigAccess, readKubeconfig } from '#client/transport/kubeconfig.ts';
import { isJsonObject } from '#wire/json/value.ts';

export interface ImagePolicy {
  readonly access: KubeconfigAccess;
  readonly allowMs: number;
  readonly denyMs: number;
  readonly retryMs: number;
  /** Whether pods are let in where the webhook fails. */
  readonly defaultAllow: boolean;
}

const seconds = 1000;
const minutes = 60 * seconds;

/** Throws an Error for an invalid configuration; without one, too. */
export function readImagePolicy(document: unknown, readFile: (path: string) => string): ImagePolicy {
  if (document === undefined) throw new Error('no config specified');
  const given = isJsonObject(document) ? document['imagePolicy'] : undefined;
  const { kubeConfigFile, allowTTL, denyTTL, retryBackoff, defaultAllow } = isJsonObject(given) ? given : {};
  const ttl = { unitMs: seconds, unit: 's', minMs: seconds, maxMs: 30 * minutes };
  const retry = { unitMs: 1, unit: 'ms', minMs: 1, maxMs: 5 * minutes };
  return {
    access: readKubeconfig(typeof kubeConfigFile === 'string' ? kubeConfigFile : '', readFile),
    retryMs: duration(retryBackoff, { ...retry, defaultMs: 500 }),
    allowMs: duration(allowTTL, { ...ttl, defaultMs: 5 * minutes }),
    denyMs: duration(denyTTL, { ...ttl, defaultMs: 30 * seconds }),
    defaultAllow: defaultAllow === true,
  };
}

interface Bounds {
  readonly unitMs: number;
  readonly unit: string;
  readonly minMs: number;
  readonly maxMs: number;
  readonly defaultMs: number;
}

/** 0 stands for the default, -1 for none. */
function duration(value: unknown = 0, { unitMs, unit, minMs, maxMs, defaultMs }: Bounds): number {
  if (value === 0) return defaultMs;
  if (value === -1) return 0;
  const ms = typeof value === 'number' ? value * unitMs : Number.NaN;
  if (ms >= minMs && ms <= maxMs) return ms;
  throw new Error(
    `valid value is between ${minMs / unitMs}${unit} and ${maxMs / unitMs}${unit}, got ${value}`,
  );
}
