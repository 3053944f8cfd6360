/** The field `pluginConfig` of a profile: the arguments of its plugins, with upstream's defaults and checks. */

import { nearest } from '#base/text/nearest.ts';
import { isJsonObject, type JsonObject } from '#wire/json/value.ts';
import { duplicate, type FieldError, fieldErrorMessage, invalidValue } from '../../validation/field-error.ts';
import { type ConfigTypes, readStrictPart } from '../config-file.ts';
import { ConfigurationError } from '../error.ts';
import {
  type BalanceArguments,
  balanceErrors,
  balanceTypes,
  readBalanceArguments,
} from './balance-arguments.ts';
import { type DeviceArguments, deviceErrors, deviceTypes, readDeviceArguments } from './device-arguments.ts';
import { type FitArguments, fitErrors, fitTypes, readFitArguments } from './fit-arguments.ts';
import {
  type NodeAffinityArguments,
  nodeAffinityErrors,
  nodeAffinityTypes,
} from './node-affinity-arguments.ts';
import { readSpreadArguments, type SpreadArguments, spreadErrors, spreadTypes } from './spread-arguments.ts';

export interface PluginArguments {
  readonly fit: FitArguments;
  readonly balance: BalanceArguments;
  readonly nodeAffinity: NodeAffinityArguments;
  readonly spread: SpreadArguments;
  readonly devices: DeviceArguments;
  readonly interPodAffinity: {
    /** Of a required affinity of a placed pod, beside the weights of preferred ones. */
    readonly hardPodAffinityWeight: number;
    /** Preferred terms of placed pods count only for pods that have some of their own. */
    readonly ignorePreferredTermsOfExistingPods: boolean;
  };
  readonly defaultPreemption: {
    readonly minCandidateNodesPercentage: number;
    readonly minCandidateNodesAbsolute: number;
  };
  readonly volumeBinding: { readonly bindTimeoutSeconds: number };
}

type Written = Readonly<Record<string, unknown>>;

const types: ConfigTypes = {
  ...fitTypes,
  ...balanceTypes,
  ...nodeAffinityTypes,
  ...spreadTypes,
  ...deviceTypes,
  InterPodAffinityArgs: { hardPodAffinityWeight: 'int32', ignorePreferredTermsOfExistingPods: 'boolean' },
  DefaultPreemptionArgs: { minCandidateNodesPercentage: 'int32', minCandidateNodesAbsolute: 'int32' },
  VolumeBindingArgs: { bindTimeoutSeconds: 'int64' },
};
const group = 'kubescheduler.config.k8s.io/v1';
const taken = [
  'NodeResourcesFit',
  'NodeResourcesBalancedAllocation',
  'NodeAffinity',
  'PodTopologySpread',
  'InterPodAffinity',
  'DynamicResources',
  'DefaultPreemption',
  'VolumeBinding',
];

/** `profile` is the field of the profile: `profiles[0]`. Throws `ConfigurationError` for what cannot be read. */
export function readPluginArguments(
  section: readonly JsonObject[],
  profile: string,
): { args: PluginArguments; errors: FieldError[] } {
  const written = new Map<string, { field: string; args: Written }>();
  const errors: FieldError[] = [];
  for (const [i, each] of section.entries()) {
    const field = `${profile}.pluginConfig[${i}]`;
    const name = nameOf(each, field);
    if (written.has(name)) errors.push(duplicate(field, name));
    written.set(name, { field: `${field}.args`, args: readArgs(name, each['args'] ?? {}, field) });
  }
  const argsOf = (name: string) => written.get(name)?.args ?? {};
  const fieldOf = (name: string) => written.get(name)?.field ?? '';
  const args = {
    fit: readFitArguments(argsOf('NodeResourcesFit')),
    balance: readBalanceArguments(argsOf('NodeResourcesBalancedAllocation')),
    nodeAffinity: argsOf('NodeAffinity') as NodeAffinityArguments,
    spread: readSpreadArguments(argsOf('PodTopologySpread')),
    devices: readDeviceArguments(argsOf('DynamicResources')),
    interPodAffinity: {
      hardPodAffinityWeight: 1,
      ignorePreferredTermsOfExistingPods: false,
      ...argsOf('InterPodAffinity'),
    },
    defaultPreemption: {
      minCandidateNodesPercentage: 10,
      minCandidateNodesAbsolute: 100,
      ...argsOf('DefaultPreemption'),
    },
    volumeBinding: { bindTimeoutSeconds: 600, ...argsOf('VolumeBinding') },
  };
  refuseFit(args.fit);
  return {
    args,
    errors: [
      ...errors,
      ...balanceErrors(args.balance, fieldOf('NodeResourcesBalancedAllocation')),
      ...nodeAffinityErrors(args.nodeAffinity, fieldOf('NodeAffinity')),
      ...spreadErrors(argsOf('PodTopologySpread'), fieldOf('PodTopologySpread')),
      ...deviceErrors(argsOf('DynamicResources'), fieldOf('DynamicResources')),
      ...weightErrors(args.interPodAffinity.hardPodAffinityWeight, fieldOf('InterPodAffinity')),
      ...preemptionErrors(args.defaultPreemption, fieldOf('DefaultPreemption')),
      ...timeoutErrors(args.volumeBinding.bindTimeoutSeconds, fieldOf('VolumeBinding')),
    ],
  };
}

/** Upstream's defaults. */
export const usualPluginArguments = readPluginArguments([], '').args;

function nameOf({ name, args: _, ...more }: JsonObject, field: string): string {
  const unknown = Object.keys(more)[0];
  if (unknown !== undefined) {
    throw new ConfigurationError(`scheduler.${field} has an unknown field ${JSON.stringify(unknown)}`);
  }
  if (typeof name === 'string' && taken.includes(name)) return name;
  const near = typeof name === 'string' ? nearest(name, taken) : undefined;
  throw new ConfigurationError(
    `scheduler.${field} is for the plugin ${JSON.stringify(name)}, which takes no arguments in kybern`,
    near ? `the nearest one that does is ${near}` : `those that do: ${taken.join(', ')}`,
  );
}

function readArgs(name: string, given: unknown, field: string): Written {
  const type = `${name}Args`;
  if (!isJsonObject(given)) throw new ConfigurationError(`scheduler.${field}.args is not a mapping`);
  const { apiVersion = group, kind = type, ...rest } = given;
  if (apiVersion !== group || kind !== type) {
    const found = `${JSON.stringify(kind)} of ${JSON.stringify(apiVersion)}`;
    throw new ConfigurationError(`scheduler.${field}.args is a ${found}`, `it is a ${type} of ${group}`);
  }
  try {
    return readStrictPart(rest, types, type);
  } catch (error) {
    const message = `scheduler.${field}: decoding args for plugin "${name}": ${(error as Error).message}`;
    throw new ConfigurationError(message, `its fields: ${Object.keys(types[type] ?? {}).join(', ')}`);
  }
}

/** Upstream checks these when it makes the plugin. */
function refuseFit(fit: FitArguments): void {
  const [first] = fitErrors(fit);
  if (!first) return;
  throw new ConfigurationError(
    `scheduler: initializing plugin "NodeResourcesFit": ${fieldErrorMessage(first)}`,
  );
}

function weightErrors(weight: number, at: string): FieldError[] {
  if (weight >= 0 && weight <= 100) return [];
  return [invalidValue(`${at}.hardPodAffinityWeight`, weight, 'not in valid range [0, 100]')];
}

function timeoutErrors(seconds: number, at: string): FieldError[] {
  if (seconds >= 0) return [];
  const detail = 'invalid BindTimeoutSeconds, should not be a negative value';
  return [invalidValue(`${at}.bindTimeoutSeconds`, seconds, detail)];
}

function preemptionErrors(args: PluginArguments['defaultPreemption'], at: string): FieldError[] {
  const { minCandidateNodesPercentage: percent, minCandidateNodesAbsolute: absolute } = args;
  const percentField = `${at}.minCandidateNodesPercentage`;
  const absoluteField = `${at}.minCandidateNodesAbsolute`;
  const errors: FieldError[] = [];
  if (percent < 0 || percent > 100) {
    errors.push(invalidValue(percentField, percent, 'not in valid range [0, 100]'));
  }
  if (absolute < 0) errors.push(invalidValue(absoluteField, absolute, 'not in valid range [0, inf)'));
  if (percent === 0 && absolute === 0) {
    const zeroWith = (other: string) => `cannot be zero at the same time as ${other}`;
    errors.push(
      invalidValue(percentField, percent, zeroWith('minCandidateNodesAbsolute')),
      invalidValue(absoluteField, absolute, zeroWith('minCandidateNodesPercentage')),
    );
  }
  return errors;
}
