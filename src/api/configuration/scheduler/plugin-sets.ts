/**
 * The field `plugins` of a profile: upstream's defaults merged with what is enabled and disabled, spread from multiPoint
 * over the extension points. Rules and texts are upstream's.
 */

import { nearest } from '#base/text/nearest.ts';
import type { JsonObject } from '#wire/json/value.ts';
import { type ConfigTypes, readStrictPart } from '../config-file.ts';
import { ConfigurationError } from '../error.ts';
import { type ExtensionPointName, extensionPoints, knownPlugins } from './known-plugins.ts';

/** By extension point the names of the plugins, in the order in which they run. */
export type EnabledPlugins = Readonly<Record<ExtensionPointName, readonly string[]>> & {
  readonly weights: ReadonlyMap<string, number>;
};

interface Written {
  readonly name?: string;
  readonly weight?: number;
}

interface PluginSet {
  readonly enabled?: readonly Written[];
  readonly disabled?: readonly Written[];
}

const types: ConfigTypes = {
  Plugins: Object.fromEntries(['multiPoint', ...extensionPoints].map((point) => [point, '#PluginSet'])),
  PluginSet: { enabled: '[]#Plugin', disabled: '[]#Plugin' },
  Plugin: { name: 'string', weight: 'int32' },
};
const everything = '*';
/** Upstream's: the sum of all weighted scores has room in an int64. */
const weightsMax = Number(2n ** 63n - 1n) / 100;

/** `at` begins the error of what cannot be read. Throws `ConfigurationError`. */
export function readPlugins(section: JsonObject, schedulerName: string, at: string): EnabledPlugins {
  const sets = readSets(section, at);
  try {
    const multi = mergedMultiPoint(sets['multiPoint'] ?? {});
    const pointOf = (point: ExtensionPointName) => pluginsAt(point, sets[point] ?? {}, multi);
    const named = Object.fromEntries(extensionPoints.map((point) => [point, pointOf(point)]));
    const enabled = {
      ...(named as Record<ExtensionPointName, string[]>),
      weights: weightsOf([...(sets['score']?.enabled ?? []), ...multi]),
    };
    refuseImpossible(enabled, schedulerName);
    return enabled;
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    const message = `scheduler: creating profile for scheduler name ${schedulerName}: ${error.message}`;
    throw new ConfigurationError(message, error.hint);
  }
}

function readSets(section: JsonObject, at: string): Readonly<Record<string, PluginSet>> {
  try {
    return readStrictPart(section, types, 'Plugins') as Record<string, PluginSet>;
  } catch (error) {
    const message = (error as Error).message;
    const field = /unknown field "(?:[^"]*\.)?([^".]+)"/.exec(message)?.[1];
    const near = field === undefined ? undefined : nearest(field, Object.values(types).flatMap(Object.keys));
    throw new ConfigurationError(`${at}: ${message}`, near && `the nearest known one is ${near}`);
  }
}

/** A default that is enabled again stays where it is, with the new weight; others come after the defaults. */
function mergedMultiPoint({ enabled = [], disabled = [] }: PluginSet): Written[] {
  const off = new Set(disabled.map(({ name }) => name));
  const custom = new Map(enabled.map((plugin) => [plugin.name, plugin]));
  const replaced = new Set<Written>();
  const kept = off.has(everything) ? [] : Object.entries(knownPlugins).filter(([name]) => !off.has(name));
  const defaults = kept.map(([name, { weight = 1 }]): Written => {
    const own = custom.get(name);
    if (own) replaced.add(own);
    return own ?? { name, weight };
  });
  return [...defaults, ...enabled.filter((plugin) => !replaced.has(plugin))];
}

/** First the plugins of the point that multiPoint has too, then the others of multiPoint, then those of the point alone. */
function pluginsAt(point: ExtensionPointName, set: PluginSet, multi: readonly Written[]): string[] {
  const own = explicitAt(point, set.enabled ?? []);
  const off = new Set((set.disabled ?? []).map(({ name }) => name));
  if (off.has(everything)) return own;
  const overriding = new Set<string>();
  const spread = new Set<string>();
  for (const { name = '' } of multi) {
    if (!pluginNamed(name, 'preFilter').points.includes(point) || off.has(name)) continue;
    if (own.includes(name)) overriding.add(name);
    else if (spread.has(name)) throw registeredTwice(name, point);
    else spread.add(name);
  }
  return [
    ...own.filter((name) => overriding.has(name)),
    ...spread,
    ...own.filter((name) => !overriding.has(name)),
  ];
}

function explicitAt(point: ExtensionPointName, enabled: readonly Written[]): string[] {
  const names = new Set<string>();
  for (const { name = '' } of enabled) {
    if (!pluginNamed(name, point).points.includes(point)) {
      throw new ConfigurationError(`plugin ${JSON.stringify(name)} does not extend ${typeOf(point)} plugin`);
    }
    if (names.has(name)) throw registeredTwice(name, point);
    names.add(name);
  }
  return [...names];
}

function pluginNamed(name: string, point: ExtensionPointName) {
  const known = Object.hasOwn(knownPlugins, name) ? knownPlugins[name] : undefined;
  if (known) return known;
  const near = nearest(name, Object.keys(knownPlugins));
  throw new ConfigurationError(
    `${typeOf(point)} ${JSON.stringify(name)} does not exist`,
    near ? `the nearest known one is ${near}` : `the known ones: ${Object.keys(knownPlugins).join(', ')}`,
  );
}

function registeredTwice(name: string, point: ExtensionPointName): ConfigurationError {
  return new ConfigurationError(`plugin ${JSON.stringify(name)} already registered as "${typeOf(point)}"`);
}

/** Go's name of its interface: `PreFilterPlugin`. */
function typeOf(point: ExtensionPointName): string {
  return `${point.charAt(0).toUpperCase()}${point.slice(1)}Plugin`;
}

/** The first weight of a plugin counts: those of `score` come before those of `multiPoint`. */
function weightsOf(plugins: readonly Written[]): Map<string, number> {
  const weights = new Map<string, number>();
  let sum = 0;
  for (const { name = '', weight } of plugins) {
    if (!knownPlugins[name]?.points.includes('score') || weights.has(name)) continue;
    weights.set(name, weight || 1);
    sum += weight || 1;
    if (sum > weightsMax) {
      throw new ConfigurationError('score plugins: total score of Score plugins could overflow');
    }
  }
  return weights;
}

/** What upstream refuses, and what it would fail at with every pod: a step without the one that prepares it. */
function refuseImpossible(enabled: EnabledPlugins, schedulerName: string): void {
  const profile = `for profile with scheduler name ${JSON.stringify(schedulerName)}`;
  if (enabled.queueSort.length !== 1) {
    throw new ConfigurationError(
      `only one queue sort plugin required ${profile}, but got ${enabled.queueSort.length}`,
    );
  }
  if (enabled.bind.length === 0) {
    throw new ConfigurationError(`at least one bind plugin is needed ${profile}`);
  }
  for (const [name, { points, scoresAlone }] of Object.entries(knownPlugins)) {
    const lacks = (point: ExtensionPointName, needed: ExtensionPointName) =>
      points.includes(needed) && enabled[point].includes(name) && !enabled[needed].includes(name);
    for (const [point, needed] of needs) {
      if (!lacks(point, needed) || (point === 'score' && scoresAlone)) continue;
      throw new ConfigurationError(
        `plugin ${JSON.stringify(name)} is enabled at ${point} and disabled at ${needed}`,
        `${point} needs what ${needed} prepares: enable both or neither`,
      );
    }
  }
}

const needs: readonly (readonly [ExtensionPointName, ExtensionPointName])[] = [
  ['filter', 'preFilter'],
  ['score', 'preScore'],
  ['reserve', 'filter'],
  ['reserve', 'preBind'],
  ['preBind', 'reserve'],
];
