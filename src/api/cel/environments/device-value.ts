/** A device as the value of the variable `device`. Upstream: k8s.io/dynamic-resource-allocation/cel. */

import type { Device, DeviceAttribute } from '../../generated/types.gen.ts';
import { quantityOf } from '../library/quantity.ts';
import { parseSemver } from '../library/semver.ts';
import { MapOfMaps } from '../values/map.ts';
import { isError, type Value } from '../values/value.ts';
import { viewDyn } from '../values/view.ts';

/** The value of `device`, or a text: upstream's error about an attribute without a value that it knows. */
export function deviceValue(driver: string, device: Device): Record<string, unknown> | string {
  const attributes: Record<string, Value> = {};
  for (const [name, attribute] of Object.entries(device.attributes ?? {})) {
    const value = attributeValue(attribute);
    if (value === undefined) return `attribute ${name}: unsupported attribute value`;
    if (isError(value)) return `attribute ${name}: parse semantic version: ${value.message}`;
    attributes[name] = value;
  }
  const capacities = Object.entries(device.capacity ?? {});
  return {
    driver,
    allowMultipleAllocations: device.allowMultipleAllocations ?? false,
    attributes: byDomain(Object.entries(attributes), driver),
    capacity: byDomain(
      capacities.map(([name, { value }]) => [name, quantityOf(value)]),
      driver,
    ),
  };
}

/** Lists of values belong to a feature that is off by default. */
function attributeValue({ int, bool, string, version }: DeviceAttribute): Value | undefined {
  if (int !== undefined) return viewDyn(int);
  if (bool !== undefined) return bool;
  if (string !== undefined) return string;
  if (version === undefined) return undefined;
  return parseSemver(version);
}

/** A name without a domain is the driver's. */
function byDomain(entries: readonly (readonly [string, Value])[], driver: string): MapOfMaps {
  const domains: Record<string, Record<string, Value>> = {};
  for (const [name, value] of entries) {
    const slash = name.indexOf('/');
    const domain = slash < 0 ? driver : name.slice(0, slash);
    domains[domain] ??= {};
    domains[domain][name.slice(slash + 1)] = value;
  }
  return new MapOfMaps(domains, viewDyn);
}
