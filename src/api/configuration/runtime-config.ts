/**
 * The `runtimeConfig` of a configuration, by upstream's keys: `api/all`, `api/ga`, `api/beta`, `api/alpha`,
 * `GROUP/VERSION` (`v1` for the core group) and `GROUP/VERSION/RESOURCE`. Kybern has stable versions only, serves all
 * of them and uses them itself: none can be switched off, and an unknown version is an error.
 */

import { nearest } from '#base/text/nearest.ts';
import { isJsonObject } from '#wire/json/value.ts';
import { ConfigurationError } from './error.ts';

export type RuntimeConfig = Readonly<Record<string, boolean>>;

interface ServedVersion {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
}

const stableStages = ['api/all', 'api/ga'];
/** Kybern has no versions of these stages, so both values are valid. */
const emptyStages = ['api/beta', 'api/alpha'];

export function readRuntimeConfig(section: unknown, served: readonly ServedVersion[]): RuntimeConfig {
  if (!isJsonObject(section)) {
    throw new ConfigurationError('runtimeConfig is not a mapping of true and false');
  }
  const known = new Set([...stableStages, ...emptyStages, ...served.flatMap(keysOf)]);
  return Object.fromEntries(
    Object.entries(section).map(([key, value]) => [key, switchValue(key, value, known)]),
  );
}

function switchValue(key: string, value: unknown, known: ReadonlySet<string>): boolean {
  if (!known.has(key)) {
    const near = nearest(key, known);
    const message = `runtimeConfig names the API ${key}, which kybern does not have`;
    throw new ConfigurationError(message, near && `the nearest known one is ${near}`);
  }
  // As upstream: a key without a value means true.
  const isOn = value === true || value === 'true' || value === '' || value === null;
  if (!isOn && value !== false && value !== 'false') {
    throw new ConfigurationError(`runtimeConfig.${key} is not true or false`);
  }
  if (!isOn && !emptyStages.includes(key)) {
    throw new ConfigurationError(
      `runtimeConfig.${key} cannot be false: kybern's own parts use these APIs`,
      'remove it',
    );
  }
  return isOn;
}

function keysOf({ group, version, resource }: ServedVersion): string[] {
  const groupVersion = group === '' ? version : `${group}/${version}`;
  return [groupVersion, `${groupVersion}/${resource}`];
}
