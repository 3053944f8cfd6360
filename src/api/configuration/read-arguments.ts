/** Reads the values of a section of the configuration: a mapping of arguments by name. */

import { nearest } from '#base/text/nearest.ts';
import { isJsonObject, type JsonObject } from '#wire/json/value.ts';
import type { Arguments, ValuesOf } from './argument.ts';
import { ConfigurationError } from './error.ts';

export interface ArgumentSection<A extends Arguments> {
  /** `apiServer.args`: begins every error. */
  readonly name: string;
  /** `argument`, `field`. */
  readonly noun: string;
  readonly known: A;
  /** Upstream's arguments that kybern does not have, with what there is in their place. */
  readonly absent: Readonly<Record<string, string>>;
}

/** Throws `ConfigurationError` for the first problem. */
export function readArguments<A extends Arguments>(
  values: JsonObject,
  section: ArgumentSection<A>,
): ValuesOf<A> {
  const known: Arguments = section.known;
  const read = Object.entries(values).map(([name, value]) => {
    const argument = Object.hasOwn(known, name) ? known[name] : undefined;
    if (!argument) throw unknownArgument(name, section);
    const parsed = argument.read(value);
    const problem = parsed === undefined ? undefined : argument.problem?.(parsed);
    if (problem) throw new ConfigurationError(`${section.name}: ${name} ${problem.message}`, problem.hint);
    if (parsed !== undefined) return [name, parsed];
    throw new ConfigurationError(
      `${section.name}: ${name} is ${JSON.stringify(value)}, which is not ${argument.expects}`,
    );
  });
  return Object.fromEntries(read);
}

function unknownArgument<A extends Arguments>(
  name: string,
  { name: section, noun, known, absent }: ArgumentSection<A>,
): ConfigurationError {
  if (Object.hasOwn(absent, name)) {
    const message = `${section}: kybern does not have upstream's ${noun} ${JSON.stringify(name)}`;
    return new ConfigurationError(message, absent[name]);
  }
  const near = nearest(name.replace(/^-+/, ''), Object.keys(known));
  return new ConfigurationError(
    `${section} has an unknown ${noun} ${JSON.stringify(name)}`,
    near ? `the nearest known one is ${near}` : 'docs/reference/configuration.md lists what there is',
  );
}

/** A copy of the values as written, with every path of a file replaced by `resolve`. */
export function withFilePaths(values: unknown, known: Arguments, resolve: (path: string) => string): unknown {
  if (!isJsonObject(values)) return values;
  const entries = Object.entries(values).map(([name, value]) => {
    const argument = known[name];
    return [name, argument?.files ? argument.files.replaced(argument.read(value), resolve) : value];
  });
  return Object.fromEntries(entries);
}
