/** The plugin `cache` of a Corefile. Names of the cluster are never kept here, whether it says so or not. */

import type { CacheOptions } from '../../upstream/answer-cache.ts';
import { numberIn, wrong } from './options.ts';
import type { Directive } from './syntax.ts';

/** CoreDNS's defaults where the file says nothing: for answers, and for denials. */
const corednsTtls: CacheOptions = { successTtl: 3600, denialTtl: 1800 };
const ttlMax = 86_400;
const capacityMax = 10_000_000;

export function readCache(directive: Directive): CacheOptions {
  const [first] = directive.args;
  const ttl = first !== undefined && /^\d+$/.test(first) ? numberIn(directive, first, 0, ttlMax) : undefined;
  let options = ttl === undefined ? corednsTtls : { successTtl: ttl, denialTtl: ttl };
  for (const option of directive.block) options = { ...options, ...readOption(option) };
  return options;
}

function readOption(option: Directive): Partial<CacheOptions> {
  const [kind, ...zones] = option.args;
  switch (option.name) {
    case 'success':
      return readTtl(option, 'successTtl');
    case 'denial':
      return readTtl(option, 'denialTtl');
    case 'disable':
      if (zones.length > 0) return {};
      return kind === 'success' ? { successTtl: 0 } : { denialTtl: 0 };
    default:
      throw wrong(option, `the option ${option.name} of cache is not supported`);
  }
}

/** `CAPACITY [TTL]`: the capacity is a bound in bytes here, and the same for all. */
function readTtl(option: Directive, name: keyof CacheOptions): Partial<CacheOptions> {
  const [capacity, ttl] = option.args;
  numberIn(option, capacity, 0, capacityMax);
  return ttl === undefined ? {} : { [name]: numberIn(option, ttl, 0, ttlMax) };
}
