/** The profiles of a scheduler: whose pods they take, and how they search. */

import type { JsonObject } from '#wire/json/value.ts';
import { duplicate, type FieldError, required } from '../../validation/field-error.ts';
import { readArguments } from '../read-arguments.ts';
import { profileFields } from './fields.ts';
import { percentageErrors } from './percentage.ts';
import { type PluginArguments, readPluginArguments } from './plugin-arguments.ts';
import { type EnabledPlugins, readPlugins } from './plugin-sets.ts';

export interface SchedulerProfile {
  /** The `spec.schedulerName` of its pods. */
  readonly schedulerName: string;
  /** Of how many nodes, in percent, the search ends when they fit; 0: by the number of nodes. */
  readonly percentageOfNodesToScore: number;
  /** Undefined: those of upstream's default profile. */
  readonly plugins: EnabledPlugins | undefined;
  readonly pluginArguments: PluginArguments;
}

const defaultSchedulerName = 'default-scheduler';

/** Without profiles there is one of the default name. Throws `ConfigurationError` for what cannot be read. */
export function readProfiles(
  given: readonly JsonObject[],
  percentage: number,
): { profiles: SchedulerProfile[]; errors: FieldError[] } {
  const errors: FieldError[] = [];
  const written = given.length === 0 ? [{}] : given;
  const onlyName = written.length === 1 ? defaultSchedulerName : '';
  const firstOfName = new Map<string, string>();
  const profiles = written.map((each, i) => {
    const name = `profiles[${i}]`;
    const section = { name: `scheduler.${name}`, noun: 'field', known: profileFields, absent: {} };
    const {
      schedulerName = onlyName,
      percentageOfNodesToScore,
      plugins,
      pluginConfig = [],
    } = readArguments(each, section);
    const nameField = `${name}.schedulerName`;
    const first = firstOfName.get(schedulerName);
    if (schedulerName === '') errors.push(required(nameField));
    else if (first !== undefined) errors.push(duplicate(nameField, first));
    else firstOfName.set(schedulerName, nameField);
    errors.push(...percentageErrors(`${name}.percentageOfNodesToScore`, percentageOfNodesToScore ?? 0));
    const { args: pluginArguments, errors: wrong } = readPluginArguments(pluginConfig, name);
    errors.push(...wrong);
    return {
      schedulerName,
      percentageOfNodesToScore: percentageOfNodesToScore ?? percentage,
      pluginArguments,
      plugins: plugins && readPlugins(plugins, schedulerName, `${section.name}.plugins`),
    };
  });
  return { profiles, errors };
}
