/** Readers of arguments that several plugins have. */

import { InvalidConfiguration } from '../invalid.ts';
import type { Directive } from './syntax.ts';

export function wrong({ line }: Directive, what: string): InvalidConfiguration {
  return new InvalidConfiguration(`line ${line}: ${what}`);
}

/** A whole number from `least` to `most`. */
export function numberIn(
  directive: Directive,
  text: string | undefined,
  least: number,
  most: number,
): number {
  const number = text !== undefined && /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw wrong(
    directive,
    `${directive.name}: expected a number from ${least} to ${most}, got ${text ?? 'nothing'}`,
  );
}

export function onlyArgument(directive: Directive): string {
  const [argument, ...more] = directive.args;
  if (argument === undefined || more.length > 0) {
    throw wrong(directive, `${directive.name}: expected one argument`);
  }
  return argument;
}

export function noArguments(directive: Directive): void {
  if (directive.args.length > 0) throw wrong(directive, `${directive.name} takes no argument`);
}

/** A zone in lower case, without its last dot. */
export function zoneText(text: string): string {
  return text.toLowerCase().replace(/(.)\.$/, '$1');
}
