/** Refuses options of `kybern/testing` that JavaScript lets through: they would start another cluster, or none. */

import { nearest } from '#base/text/nearest.ts';
import { isClusterName } from '#host/home/cluster-home.ts';

/** As `kybern up` takes at most. */
const simulatedNodesMax = 5000;
const portMax = 65_535;
/** A hundred years; clocks reach no further than a quarter of a million years. */
const advanceMsMax = 100 * 366 * 86_400_000;

const checks: Readonly<Record<string, (value: unknown) => string | undefined>> = {
  name: (value) =>
    typeof value === 'string' && isClusterName(value)
      ? undefined
      : 'a name of lower case letters, digits and -',
  simulatedNodes: (value) => wholeNumberProblem(value, simulatedNodesMax),
  port: (value) => wholeNumberProblem(value, portMax),
  store: (value) =>
    value === 'memory' || isPath(value) ? undefined : 'memory, or { sqlite } with the path of a file',
  config: (value) => (typeof value === 'string' ? undefined : 'a text of YAML'),
};

/** Throws a TypeError that names the option, its value, and what it may be. */
export function checkOptions(options: unknown): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new TypeError(`the options are ${shown(options)}, not an object`);
  }
  for (const [name, value] of Object.entries(options)) {
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
    if (!check) throw new TypeError(unknownOption(name));
    const wanted = value === undefined ? undefined : check(value);
    if (wanted !== undefined) throw new TypeError(`${name} is ${shown(value)}, not ${wanted}`);
  }
}

/** Throws a RangeError. */
export function checkMs(what: string, ms: unknown): void {
  if (typeof ms === 'number' && ms >= 0 && ms <= advanceMsMax) return;
  throw new RangeError(`${what}(${shown(ms)}): milliseconds are a number from 0 to ${advanceMsMax}`);
}

function wholeNumberProblem(value: unknown, max: number): string | undefined {
  const isFitting = Number.isInteger(value) && (value as number) >= 0 && (value as number) <= max;
  return isFitting ? undefined : `a whole number from 0 to ${max}`;
}

function isPath(value: unknown): boolean {
  const path = typeof value === 'object' && value !== null && 'sqlite' in value ? value.sqlite : undefined;
  return typeof path === 'string' && path !== '';
}

function unknownOption(name: string): string {
  const near = nearest(name, Object.keys(checks));
  return `there is no option ${name}${near === undefined ? '' : `; the nearest is ${near}`}`;
}

function shown(value: unknown): string {
  return typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value));
}
