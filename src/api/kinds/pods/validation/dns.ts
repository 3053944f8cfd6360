/** Validation of dnsPolicy and dnsConfig. */

import type { PodSpec } from '../../../generated/types.gen.ts';
import { checkField } from '../../../validation/field-checks.ts';
import { type FieldError, invalidValue, required } from '../../../validation/field-error.ts';
import { checkIp } from '../../../validation/ip-checks.ts';
import { dns1123SubdomainWithUnderscore } from '../../../validation/validators.ts';

export const dnsPolicies = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'];
const nameserversMax = 3;
const searchesMax = 32;
const searchesMaxLength = 2048;

export function validateDnsConfig(spec: PodSpec, path: string): FieldError[] {
  const config = spec.dnsConfig;
  if (spec.dnsPolicy === 'None') {
    if (!config) return [required(path, 'must provide `dnsConfig` when `dnsPolicy` is None')];
    if (!config.nameservers?.length) {
      const text = 'must provide at least one DNS nameserver when `dnsPolicy` is None';
      return [required(`${path}.nameservers`, text)];
    }
  }
  if (!config) return [];
  const { nameservers = [], searches = [], options = [] } = config;
  const errors: FieldError[] = [];
  if (nameservers.length > nameserversMax) {
    const text = `must not have more than ${nameserversMax} nameservers`;
    errors.push(invalidValue(`${path}.nameservers`, nameservers, text));
  }
  for (const [i, server] of nameservers.entries()) {
    errors.push(...checkIp(`${path}.nameservers[${i}]`, server));
  }
  errors.push(...validateSearches(searches, `${path}.searches`));
  for (const [i, option] of options.entries()) {
    if (!option.name) errors.push(required(`${path}.options[${i}]`, 'must not be empty'));
  }
  return errors;
}

function validateSearches(searches: string[], path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (searches.length > searchesMax) {
    errors.push(invalidValue(path, searches, `must not have more than ${searchesMax} search paths`));
  }
  if (searches.join(' ').length > searchesMaxLength) {
    const text = `must not have more than ${searchesMaxLength} characters (including spaces) in the search list`;
    errors.push(invalidValue(path, searches, text));
  }
  for (const [i, search] of searches.entries()) {
    if (search === '.') continue;
    errors.push(...checkField(`${path}[${i}]`, search.replace(/\.$/, ''), dns1123SubdomainWithUnderscore));
  }
  return errors;
}
