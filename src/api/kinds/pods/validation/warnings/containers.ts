/** Warnings about one container: fractions of a byte, and variables that override each other. */

import type { EnvVar } from '../../../../generated/types.gen.ts';
import { quantityMilliValue } from '../../../../values/quantity.ts';
import type { AnyContainer } from '../containers/lists.ts';

export function containerWarnings({ env, resources }: AnyContainer, path: string): string[] {
  const warnings: string[] = [];
  if (resources) {
    const { limits, requests } = resources;
    // Upstream goes by resource, then by list.
    for (const name of byteResources) {
      if (isFraction(limits?.[name])) warnings.push(fractionText(limits!, name, `${path}.resources.limits`));
      if (isFraction(requests?.[name])) {
        warnings.push(fractionText(requests!, name, `${path}.resources.requests`));
      }
    }
  }
  return env ? [...warnings, ...hidingWarnings(env, path)] : warnings;
}

type Amounts = Readonly<Record<string, string>>;

const byteResources = ['memory', 'ephemeral-storage'];

export function fractionWarnings(
  amounts: Amounts | undefined,
  path: string,
  resources: readonly string[] = byteResources,
): string[] {
  if (!amounts) return [];
  return resources
    .filter((name) => isFraction(amounts[name]))
    .map((name) => fractionText(amounts, name, path));
}

/** Thousandths of a byte are certainly a mistake. */
function isFraction(amount: string | undefined): boolean {
  return amount !== undefined && quantityMilliValue(amount) % 1000 !== 0;
}

function fractionText(amounts: Amounts, name: string, path: string): string {
  const amount = JSON.stringify(amounts[name]);
  return `${path}[${name}]: fractional byte value ${amount} is invalid, must be an integer`;
}

function hidingWarnings(variables: readonly EnvVar[], path: string): string[] {
  if (variables.length < 2) return [];
  const names = new Set<string>();
  const warnings: string[] = [];
  for (let i = 0; i < variables.length; i++) {
    const { name } = variables[i]!;
    if (names.has(name) && !extendsItself(variables[i]!)) {
      const text = `hides previous definition of ${JSON.stringify(name)}, which may be dropped when using apply`;
      warnings.push(`${path}.env[${i}]: ${text}`);
    }
    names.add(name);
  }
  return warnings;
}

/** `PATH=$(PATH):/more` uses the earlier value. */
function extendsItself({ name, value = '', valueFrom }: EnvVar): boolean {
  const reference = `$(${name})`;
  return !valueFrom && value !== reference && value.includes(reference);
}
