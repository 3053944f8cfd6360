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
import { kubeletFields } from './kubelet/fields.ts';
import { type KubeletConfiguration, readKubeletConfiguration } from './kubelet/kubelet-configuration.ts';
import { absentManagerArguments } from './manager/absent.ts';
import { type ManagerArguments, managerArguments } from './manager/arguments.ts';
import { readArguments, withFilePaths } from './read-arguments.ts';
import { type RuntimeConfig, readRuntimeConfig } from './runtime-config.ts';
import { schedulerFields } from './scheduler/fields.ts';
import {
  readSchedulerConfiguration,
  type SchedulerConfiguration,
} from './scheduler/scheduler-configuration.ts';

export const configurationVersion = 'kybern.dev/v1';
export const configurationKind = 'ClusterConfiguration';

export interface ClusterConfiguration {
  readonly arguments: ApiServerArguments;
  /** Further names and addresses of the API server's serving certificate. */
  readonly certSANs: readonly string[];
  readonly featureGates: FeatureGates;
  readonly runtimeConfig: RuntimeConfig;
  /** Of the node on this machine. */
  readonly kubelet: KubeletConfiguration;
  readonly scheduler: SchedulerConfiguration;
  /** Of the controllers. */
  readonly managerArguments: ManagerArguments;
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
    'kubelet',
    'scheduler',
    'controllerManager',
  ]);
  mustBe('apiVersion', whole['apiVersion'], configurationVersion);
  mustBe('kind', whole['kind'], configurationKind);
  const apiServer = sectionOf(whole['apiServer'] ?? {}, 'apiServer', ['args', 'certSANs']);
  const manager = sectionOf(whole['controllerManager'] ?? {}, 'controllerManager', ['args']);
  const {
    'feature-gates': gates,
    'runtime-config': apis,
    ...args
  } = mappingOf(apiServer['args'] ?? {}, 'apiServer.args');
  return {
    arguments: readArguments(args, {
      name: 'apiServer.args',
      noun: 'argument',
      known: apiServerArguments,
      absent: absentArguments,
    }),
    certSANs: readNames(apiServer['certSANs'] ?? []),
    featureGates: readFeatureGates(sectionOrFlag(whole, 'feature-gates', gates)),
    runtimeConfig: readRuntimeConfig(
      sectionOrFlag(whole, 'runtime-config', apis),
      Object.values(resourceTypes),
    ),
    kubelet: readKubeletConfiguration(mappingOf(whole['kubelet'] ?? {}, 'kubelet')),
    scheduler: readSchedulerConfiguration(mappingOf(whole['scheduler'] ?? {}, 'scheduler')),
    managerArguments: readArguments(mappingOf(manager['args'] ?? {}, 'controllerManager.args'), {
      name: 'controllerManager.args',
      noun: 'argument',
      known: managerArguments,
      absent: absentManagerArguments,
    }),
  };
}

function mappingOf(section: unknown, name: string): JsonObject {
  if (!isJsonObject(section)) throw new ConfigurationError(`${name} is not a mapping`);
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
  if (!isJsonObject(document)) return document;
  const { apiServer, kubelet, scheduler } = document;
  return {
    ...document,
    ...(isJsonObject(apiServer) && isJsonObject(apiServer['args'])
      ? { apiServer: { ...apiServer, args: withFilePaths(apiServer['args'], apiServerArguments, resolve) } }
      : {}),
    ...(isJsonObject(kubelet) ? { kubelet: withFilePaths(kubelet, kubeletFields, resolve) } : {}),
    ...(isJsonObject(scheduler) ? { scheduler: withFilePaths(scheduler, schedulerFields, resolve) } : {}),
  };
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
  const section = mappingOf(value, name);
  for (const field of Object.keys(section)) {
    if (fields.includes(field)) continue;
    throw new ConfigurationError(
      `${name} has an unknown field ${JSON.stringify(field)}`,
      hintFor(field, fields),
    );
  }
  return section;
}

function hintFor(name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  return near ? `the nearest known one is ${near}` : `the known ones: ${known.join(', ')}`;
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
