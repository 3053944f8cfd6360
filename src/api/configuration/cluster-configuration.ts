/**
 * Reads the file of `kybern up --config`: all settings of a cluster besides the flags of `up`. The first problem is
 * the error; for an unknown name its hint is the nearest known one. Reference: `docs/reference/configuration.md`.
 */

import { nearest } from '#base/text/nearest.ts';
import { isJsonObject, type JsonObject } from '#wire/json/value.ts';
import * as resourceTypes from '../generated/kinds.gen.ts';
import { parseIp } from '../values/ip.ts';
import { type ApiServerArguments, apiServerArguments } from './api-server-arguments.ts';
import { type Arguments, map } from './argument.ts';
import { absentArguments } from './arguments/absent.ts';
import { ConfigurationError } from './error.ts';
import { type FeatureGates, readFeatureGates } from './feature-gates.ts';
import { type RuntimeConfig, readRuntimeConfig } from './runtime-config.ts';

export const configurationVersion = 'kybern.dev/v1';
export const configurationKind = 'ClusterConfiguration';

export interface ClusterConfiguration {
  readonly arguments: ApiServerArguments;
  /** Further names and addresses of the API server's serving certificate. */
  readonly certSANs: readonly string[];
  readonly featureGates: FeatureGates;
  readonly runtimeConfig: RuntimeConfig;
}

/** Upstream's flags that are sections of this file, and may stand among the arguments too. */
const sectionOfFlag = { 'feature-gates': 'featureGates', 'runtime-config': 'runtimeConfig' } as const;

/** Throws `ConfigurationError`. `document` as read from YAML. */
export function readClusterConfiguration(document: unknown): ClusterConfiguration {
  const whole = sectionOf(document ?? {}, 'the configuration', [
    'apiVersion',
    'kind',
    'apiServer',
    'featureGates',
    'runtimeConfig',
  ]);
  mustBe('apiVersion', whole['apiVersion'], configurationVersion);
  mustBe('kind', whole['kind'], configurationKind);
  const apiServer = sectionOf(whole['apiServer'] ?? {}, 'apiServer', ['args', 'certSANs']);
  const { 'feature-gates': gates, 'runtime-config': apis, ...args } = argumentsOf(apiServer['args'] ?? {});
  return {
    arguments: readArguments(args, apiServerArguments),
    certSANs: readNames(apiServer['certSANs'] ?? []),
    featureGates: readFeatureGates(sectionOrFlag(whole, 'feature-gates', gates)),
    runtimeConfig: readRuntimeConfig(
      sectionOrFlag(whole, 'runtime-config', apis),
      Object.values(resourceTypes),
    ),
  };
}

function argumentsOf(section: unknown): JsonObject {
  if (!isJsonObject(section)) throw new ConfigurationError('apiServer.args is not a mapping');
  return section;
}

/** Of upstream's component `kube`, which may stand before a name. */
function sectionOrFlag(whole: JsonObject, flag: keyof typeof sectionOfFlag, given: unknown): unknown {
  const section = sectionOfFlag[flag];
  if (given === undefined) return whole[section] ?? {};
  if (whole[section] !== undefined) {
    throw new ConfigurationError(
      `apiServer.args has ${flag}, and the file the section ${section}`,
      'remove one',
    );
  }
  const read = map('').read(given);
  if (!read) throw new ConfigurationError(`apiServer.args: ${flag} is not a list of NAME=true or NAME=false`);
  return Object.fromEntries(Object.entries(read).map(([name, value]) => [name.replace(/^kube:/, ''), value]));
}

/** A copy of a valid document with every file's path replaced by `resolve`. */
export function withPaths(document: unknown, resolve: (path: string) => string): unknown {
  const apiServer = isJsonObject(document) ? document['apiServer'] : undefined;
  if (!isJsonObject(document) || !isJsonObject(apiServer) || !isJsonObject(apiServer['args'])) {
    return document;
  }
  const known: Arguments = apiServerArguments;
  const args = Object.entries(apiServer['args']).map(([name, value]) => {
    const argument = known[name];
    return [name, argument?.files ? argument.files.replaced(argument.read(value), resolve) : value];
  });
  return { ...document, apiServer: { ...apiServer, args: Object.fromEntries(args) } };
}

/** All paths of files that must exist, with the names of their arguments. */
export function filesOf(values: ApiServerArguments): { readonly name: string; readonly path: string }[] {
  const known: Arguments = apiServerArguments;
  return Object.entries(values).flatMap(([name, value]) =>
    (known[name]?.files?.paths(value) ?? []).map((path) => ({ name, path })),
  );
}

function mustBe(field: string, value: unknown, expected: string): void {
  if (value === expected) return;
  const what = value === undefined ? 'is missing' : `is ${JSON.stringify(value)}`;
  throw new ConfigurationError(
    `the configuration's ${field} ${what}`,
    `the only one there is: ${field}: ${expected}`,
  );
}

function sectionOf(value: unknown, name: string, fields: readonly string[]): JsonObject {
  if (!isJsonObject(value)) throw new ConfigurationError(`${name} is not a mapping`);
  for (const field of Object.keys(value)) {
    if (fields.includes(field)) continue;
    throw new ConfigurationError(
      `${name} has an unknown field ${JSON.stringify(field)}`,
      hintFor(field, fields),
    );
  }
  return value;
}

function hintFor(name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  return near ? `the nearest known one is ${near}` : `the known ones: ${known.join(', ')}`;
}

function readArguments(section: JsonObject, known: Arguments): ApiServerArguments {
  const values = Object.entries(section).map(([name, value]) => {
    const argument = Object.hasOwn(known, name) ? known[name] : undefined;
    if (!argument) throw unknownArgument(name, Object.keys(known));
    const read = argument.read(value);
    const problem = read === undefined ? undefined : argument.problem?.(read);
    if (problem) throw new ConfigurationError(`apiServer.args: ${name} ${problem.message}`, problem.hint);
    if (read !== undefined) return [name, read];
    throw new ConfigurationError(
      `apiServer.args: ${name} is ${JSON.stringify(value)}, which is not ${argument.expects}`,
    );
  });
  return Object.fromEntries(values);
}

function unknownArgument(name: string, known: readonly string[]): ConfigurationError {
  const message = `apiServer.args has an unknown argument ${JSON.stringify(name)}`;
  if (Object.hasOwn(absentArguments, name)) {
    return new ConfigurationError(
      `apiServer.args: kybern does not have upstream's argument ${JSON.stringify(name)}`,
      absentArguments[name],
    );
  }
  const near = nearest(name.replace(/^-+/, ''), known);
  return new ConfigurationError(
    message,
    near ? `the nearest known one is ${near}` : 'docs/reference/configuration.md lists what there is',
  );
}

const dnsName = /^(\*\.)?[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;

function readNames(section: unknown): string[] {
  if (!Array.isArray(section)) throw new ConfigurationError('apiServer.certSANs is not a list');
  for (const name of section) {
    if (typeof name === 'string' && (dnsName.test(name) || parseIp(name))) continue;
    throw new ConfigurationError(
      `apiServer.certSANs: ${JSON.stringify(name)} is neither a DNS name nor an IP address`,
    );
  }
  return section;
}
