/** The section `scheduler` of a configuration, with every default filled in; upstream's validation and its texts. */

import type { JsonObject } from '#wire/json/value.ts';
import { type FieldError, fieldErrorMessage, invalidValue } from '../../validation/field-error.ts';
import { ConfigurationError } from '../error.ts';
import { readArguments } from '../read-arguments.ts';
import { readExtenders, type SchedulerExtender } from './extenders.ts';
import { absentSchedulerFields, schedulerFields } from './fields.ts';
import { percentageErrors } from './percentage.ts';
import { readProfiles, type SchedulerProfile } from './profiles.ts';

export interface SchedulerConfiguration {
  /** At least one; their names differ. */
  readonly profiles: readonly SchedulerProfile[];
  /** How long a pod waits after a failed attempt: doubled from `initialMs` to `maxMs`. */
  readonly backOff: { readonly initialMs: number; readonly maxMs: number };
  /** In the order in which they are called; shared by all profiles. */
  readonly extenders: readonly SchedulerExtender[];
}

const version = 'kubescheduler.config.k8s.io/v1';
const kind = 'KubeSchedulerConfiguration';

/** Throws `ConfigurationError`. */
export function readSchedulerConfiguration(section: JsonObject): SchedulerConfiguration {
  const { apiVersion = version, kind: givenKind = kind, ...rest } = section;
  if (apiVersion !== version || givenKind !== kind) {
    const given = `${JSON.stringify(givenKind)} of ${JSON.stringify(apiVersion)}`;
    throw new ConfigurationError(`scheduler is a ${given}`, `it is a ${kind} of ${version}`);
  }
  const fields = readArguments(rest, {
    name: 'scheduler',
    noun: 'field',
    known: schedulerFields,
    absent: absentSchedulerFields,
  });
  const { percentageOfNodesToScore = 0, podInitialBackoffSeconds = 1, podMaxBackoffSeconds = 10 } = fields;
  const { parallelism = 1 } = fields;
  const { profiles, errors } = readProfiles(fields.profiles ?? [], percentageOfNodesToScore);
  const { extenders, ignoredResources, errors: wrong } = readExtenders(fields.extenders ?? []);
  refuse([
    ...parallelismErrors(parallelism),
    ...errors,
    ...percentageErrors('percentageOfNodesToScore', percentageOfNodesToScore),
    ...backOffErrors(podInitialBackoffSeconds, podMaxBackoffSeconds),
    ...wrong,
  ]);
  return {
    profiles: ignoredResources.length > 0 ? profiles.map(ignoring(ignoredResources)) : profiles,
    extenders,
    backOff: { initialMs: podInitialBackoffSeconds * 1000, maxMs: podMaxBackoffSeconds * 1000 },
  };
}

/** Instead of those of the profile's own, as upstream. */
function ignoring(ignoredResources: readonly string[]): (profile: SchedulerProfile) => SchedulerProfile {
  return (profile) => {
    const { pluginArguments } = profile;
    const fit = { ...pluginArguments.fit, ignoredResources };
    return { ...profile, pluginArguments: { ...pluginArguments, fit } };
  };
}

function refuse([first]: readonly FieldError[]): void {
  if (first) throw new ConfigurationError(`scheduler: ${fieldErrorMessage(first)}`);
}

function parallelismErrors(parallelism: number): FieldError[] {
  if (parallelism > 0) return [];
  return [invalidValue('parallelism', parallelism, 'should be an integer value greater than zero')];
}

function backOffErrors(initial: number, max: number): FieldError[] {
  const errors: FieldError[] = [];
  if (initial <= 0) errors.push(invalidValue('podInitialBackoffSeconds', initial, 'must be greater than 0'));
  if (max < initial) {
    const detail = 'must be greater than or equal to PodInitialBackoffSeconds';
    errors.push(invalidValue('podMaxBackoffSeconds', max, detail));
  }
  return errors;
}
