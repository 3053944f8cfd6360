/** CSINode: the storage drivers of a node. */

import { csiNodes } from '../../generated/kinds.gen.ts';
import type { CSINode, CSINodeDriver } from '../../generated/types.gen.ts';
import { ageOf, nameOf } from '../../kind/cells.ts';
import { defineKind } from '../../kind/define-kind.ts';
import { ageColumn, column, nameColumn } from '../../kind/printer.ts';
import { deepEqual } from '../../schema/deep-equal.ts';
import { checkField, checkNonNegative } from '../../validation/field-checks.ts';
import { duplicate, type FieldError, invalidValue, required } from '../../validation/field-error.ts';
import { repeats } from '../../validation/repeats.ts';
import { byteLength, fieldIsImmutable, qualifiedName } from '../../validation/validators.ts';

import { checkDriverName } from '../pods/validation/volumes/vendor.ts';

export const csiNode = defineKind(csiNodes, {
  allowUnconditionalUpdate: false,
  validate: validateDrivers,
  updateChecks: ['metadata', 'change'],
  validateUpdate: (now, old) => [...validateDrivers(now), ...checkDriversAreKept(now, old)],
  printer: {
    columns: [nameColumn, column('Drivers', 'integer'), ageColumn],
    cells: (node, now) => [nameOf(node), node.spec.drivers?.length ?? 0, ageOf(node, now)],
  },
});

const nodeIdBytesMax = 256;

function validateDrivers({ spec }: CSINode): FieldError[] {
  const drivers = spec?.drivers ?? [];
  const isRepeated = repeats(drivers.map(({ name = '' }) => name));
  return drivers.flatMap((driver, i) => {
    const at = `spec.drivers[${i}]`;
    const errors = [
      ...checkDriverName(`${at}.name`, driver.name ?? ''),
      ...checkNodeId(`${at}.nodeID`, driver.nodeID),
      ...checkNonNegative(`${at}.allocatable.count`, driver.allocatable?.count),
    ];
    if (isRepeated[i]) errors.push(duplicate(`${at}.name`, driver.name ?? ''));
    return [...errors, ...checkTopologyKeys(at, driver.topologyKeys ?? [])];
  });
}

function checkNodeId(field: string, id: string | undefined): FieldError[] {
  if (!id) return [required(field)];
  if (byteLength(id) <= nodeIdBytesMax) return [];
  return [invalidValue(field, id, `must be ${nodeIdBytesMax} characters or less`)];
}

function checkTopologyKeys(field: string, keys: readonly string[]): FieldError[] {
  const isRepeated = repeats(keys);
  return keys.flatMap((key, i) => {
    const errors = key === '' ? [required(field)] : [];
    if (isRepeated[i]) errors.push(duplicate(field, key));
    return [...errors, ...checkField(field, key, qualifiedName)];
  });
}

/** Of a driver that stays, only the number of volumes changes. */
function checkDriversAreKept(now: CSINode, old: CSINode): FieldError[] {
  const fixed = ({ allocatable: _, ...driver }: CSINodeDriver) => driver;
  return (old.spec?.drivers ?? []).flatMap((before) =>
    (now.spec?.drivers ?? [])
      .filter((driver) => driver.name === before.name && !deepEqual(fixed(driver), fixed(before)))
      .map((driver) => invalidValue('spec.drivers', internalDriver(driver), fieldIsImmutable)),
  );
}

/** As upstream's internal type prints, without what may change. */
function internalDriver({ name, nodeID, topologyKeys }: CSINodeDriver): object {
  return {
    Name: name ?? '',
    NodeID: nodeID ?? '',
    TopologyKeys: topologyKeys?.length ? topologyKeys : null,
    Allocatable: null,
  };
}
