/**
 * The `runtimeConfig` of a configuration, by upstream's keys: `api/all`, `api/ga`, `api/beta`, `api/alpha`,
 * `GROUP/VERSION` (`v1` for the core group) and `GROUP/VERSION/RESOURCE`. The more particular key decides. Kybern has
 * stable versions only: an alpha or beta version can be switched off, and is an error where it is switched on.
 */

import { nearest } from '#base/text/nearest.ts';
import { isJsonObject } from '#wire/json/value.ts';
import { ConfigurationError } from './error.ts';

export type RuntimeConfig = Readonly<Record<string, boolean>>;

interface NamedResource {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
}

const stages = ['api/all', 'api/ga', 'api/beta', 'api/alpha'];
const preRelease = /^[^/]+\/v\d+(?:alpha|beta)\d+(?:\/[^/]+)?$/;

export function readRuntimeConfig(section: unknown, resources: readonly NamedResource[]): RuntimeConfig {
  if (!isJsonObject(section)) {
    throw new ConfigurationError('runtimeConfig is not a mapping of true and false');
  }
  const known = new Set([...stages, ...resources.flatMap(keysOf)]);
  const config = Object.fromEntries(
    Object.entries(section).map(([key, value]) => [key, switchValue(key, value, known)]),
  );
  if (config['api/all'] === false && Object.keys(config).length === 1) {
    throw new ConfigurationError(
      'runtimeConfig switches off all APIs with api/all',
      'add the versions to serve, or remove it',
    );
  }
  return config;
}

/** Is the resource served? */
export function isSwitchedOn(config: RuntimeConfig, resource: NamedResource): boolean {
  const keys = [...keysOf(resource).reverse(), 'api/ga', 'api/all'];
  const decisive = keys.find((key) => config[key] !== undefined);
  return decisive === undefined || config[decisive] === true;
}

function switchValue(key: string, value: unknown, known: ReadonlySet<string>): boolean {
  // As upstream: a key without a value means true.
  const isOn = value === true || value === 'true' || value === '' || value === null;
  if (!isOn && value !== false && value !== 'false') {
    throw new ConfigurationError(`runtimeConfig.${key} is not true or false`);
  }
  if (!known.has(key) && (isOn || !preRelease.test(key))) {
    const near = nearest(key, known);
    const message = `runtimeConfig names the API ${key}, which kybern does not have`;
    throw new ConfigurationError(message, near && `the nearest known one is ${near}`);
  }
  return isOn;
}

function keysOf({ group, version, resource }: NamedResource): string[] {
  const groupVersion = group === '' ? version : `${group}/${version}`;
  return [groupVersion, `${groupVersion}/${resource}`];
}
