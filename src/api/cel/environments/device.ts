/** The environment of the selectors of devices: `device`, with its driver, attributes and capacities. */

import { lazily } from '#base/lazily.ts';
import type { Environment } from '../declarations/environment.ts';
import { bindings } from '../library/bindings.ts';
import { quantityType } from '../library/quantity.ts';
import { anyType, boolType, type CelType, mapType, stringType } from '../types/type.ts';
import { baseEnvironment } from './base.ts';
import { objectOf } from './object-type.ts';

/** So many attributes and capacities has a device at most. */
const attributesMax = 32;
const attributeValueMaxLength = 64;
const domainType = stringType.with({ maxElements: 63 });
const idType = stringType.with({ maxElements: 32 });

/** By domain, then by name. */
function byQualifiedName(value: CelType): CelType {
  const bound = { maxElements: attributesMax };
  return mapType(domainType, mapType(idType, value, bound), bound);
}

const deviceType = objectOf('kubernetes.DRADevice', {
  driver: stringType.with({ maxElements: 63 }),
  allowMultipleAllocations: boolType.with({ maxElements: 1 }),
  attributes: byQualifiedName(anyType.with({ maxElements: attributeValueMaxLength })),
  capacity: byQualifiedName(quantityType),
});

export const deviceEnvironment: () => Environment = lazily(() =>
  baseEnvironment().including(bindings).with({ device: deviceType }, [deviceType]),
);
