/** Where the manifests of static pods are: `staticPodPath`, `staticPodURL` and their relatives. */

import { isJsonObject } from '#wire/json/value.ts';
import type { Argument } from '../argument.ts';
import { ConfigurationError } from '../error.ts';

export interface StaticPodSettings {
  /** A folder of manifests or one manifest; undefined for none. */
  readonly path: string | undefined;
  readonly intervalMs: number;
  /** An address that answers with a Pod or a PodList; undefined for none. */
  readonly address: StaticPodAddress | undefined;
}

export interface StaticPodAddress {
  readonly url: string;
  /** A name may stand several times. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly intervalMs: number;
}

export interface StaticPodFields {
  readonly staticPodPath?: string;
  readonly fileCheckFrequency?: number;
  readonly staticPodURL?: string;
  readonly staticPodURLHeader?: readonly (readonly [name: string, value: string])[];
  readonly httpCheckFrequency?: number;
}

const defaultIntervalMs = 20_000;

/** By name a list of values. */
export function headers(description: string): Argument<readonly (readonly [name: string, value: string])[]> {
  return {
    description,
    expects: 'a mapping of lists of texts',
    schema: { type: 'object', additionalProperties: { type: 'array', items: { type: 'string' } } },
    read(value) {
      if (!isJsonObject(value)) return undefined;
      const pairs = Object.entries(value).flatMap(([name, values]) =>
        Array.isArray(values) ? values.map((each) => [name, each] as const) : [[name, undefined] as const],
      );
      return pairs.every((pair): pair is [string, string] => typeof pair[1] === 'string') ? pairs : undefined;
    },
  };
}

/** Throws `ConfigurationError`. */
export function readStaticPods(fields: StaticPodFields): StaticPodSettings {
  const { staticPodPath: path, staticPodURL: url = '' } = fields;
  const { fileCheckFrequency, httpCheckFrequency, staticPodURLHeader: headers = [] } = fields;
  const address = { url, headers, intervalMs: httpCheckFrequency || defaultIntervalMs };
  if (url !== '') checkUrl(url);
  return {
    path,
    intervalMs: fileCheckFrequency || defaultIntervalMs,
    address: url === '' ? undefined : address,
  };
}

function checkUrl(url: string): void {
  if (/^https?:$/.test(URL.parse(url)?.protocol ?? '')) return;
  throw new ConfigurationError(
    `kubelet: staticPodURL is ${JSON.stringify(url)}, which is no address of HTTP or HTTPS`,
  );
}
