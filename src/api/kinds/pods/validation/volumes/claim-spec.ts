/** Validation of a claim's spec: access modes, size, storage class. */

import type { PersistentVolumeClaimSpec } from '../../../../generated/types.gen.ts';
import { validateLabelSelector } from '../../../../selectors/validation.ts';
import { checkField, checkOneOfIfGiven } from '../../../../validation/field-checks.ts';
import {
  type FieldError,
  forbiddenField,
  invalidValue,
  notSupported,
  required,
} from '../../../../validation/field-error.ts';
import { dns1123Label, dns1123Subdomain, mustBePositive } from '../../../../validation/validators.ts';
import { parseQuantity } from '../../../../values/quantity.ts';

export const volumeModes = ['Block', 'Filesystem'];
const accessModes = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];

/** Known modes only, and ReadWriteOncePod not combined with others. */
export function checkAccessModes(field: string, modes: readonly string[]): FieldError[] {
  const errors = modes
    .filter((mode) => !accessModes.includes(mode))
    .map((mode) => notSupported(field, mode, accessModes));
  const others = modes.some((mode) => mode !== 'ReadWriteOncePod' && accessModes.includes(mode));
  if (!modes.includes('ReadWriteOncePod') || !others) return errors;
  return [...errors, forbiddenField(field, 'may not use ReadWriteOncePod with other access modes')];
}

/** The spec of a PersistentVolumeClaim, alone or inside a template. */
export function validateClaimSpec(spec: PersistentVolumeClaimSpec | undefined, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const modes = spec?.accessModes ?? [];
  if (modes.length === 0) errors.push(required(`${path}.accessModes`, 'at least 1 access mode is required'));
  errors.push(...validateLabelSelector(spec?.selector, `${path}.selector`));
  errors.push(...checkAccessModes(`${path}.accessModes`, modes));
  const storage = spec?.resources?.requests?.['storage'];
  if (storage === undefined) errors.push(required(`${path}.resources[storage]`));
  else if (parseQuantity(storage).sign() <= 0) {
    errors.push(invalidValue(`${path}.resources[storage]`, String(parseQuantity(storage)), mustBePositive));
  }
  if (spec?.storageClassName) {
    errors.push(...checkField(`${path}.storageClassName`, spec.storageClassName, dns1123Subdomain));
  }
  errors.push(...checkOneOfIfGiven(`${path}.volumeMode`, spec?.volumeMode, volumeModes));
  if (spec) errors.push(...validateDataSources(spec, path));
  if (spec?.volumeAttributesClassName) {
    const field = `${path}.volumeAttributesClassName`;
    errors.push(...checkField(field, spec.volumeAttributesClassName, dns1123Subdomain));
  }
  return errors;
}

type DataSource = NonNullable<PersistentVolumeClaimSpec['dataSource']>;

/** Both name the same object, unless it is in another namespace. */
function validateDataSources({ dataSource, dataSourceRef }: PersistentVolumeClaimSpec, path: string) {
  const errors: FieldError[] = [];
  if (dataSource) errors.push(...validateDataSource(dataSource, `${path}.dataSource`));
  const at = `${path}.dataSourceRef`;
  if (dataSourceRef) errors.push(...validateDataSource(dataSourceRef, at));
  const namespace = dataSourceRef?.namespace;
  if (namespace) errors.push(...checkField(`${at}.namespace`, namespace, dns1123Label));
  if (!dataSource || !dataSourceRef) return errors;
  // Upstream passes a path where it means a value, and its message shows it as an empty object.
  const refused = (why: string) => [...errors, invalidValue(path, {}, why)];
  if (namespace) return refused('may not be specified when dataSourceRef.namespace is specified');
  const isSame = (['apiGroup', 'kind', 'name'] as const).every(
    (key) => dataSource[key] === dataSourceRef[key],
  );
  return isSame ? errors : refused('must match dataSourceRef');
}

function validateDataSource({ apiGroup, kind, name }: DataSource, at: string): FieldError[] {
  const errors: FieldError[] = [];
  if (!name) errors.push(required(`${at}.name`));
  if (!kind) errors.push(required(`${at}.kind`));
  if (apiGroup) return [...errors, ...checkField(`${at}.apiGroup`, apiGroup, dns1123Subdomain)];
  if (kind === 'PersistentVolumeClaim') return errors;
  const text = "must be 'PersistentVolumeClaim' when referencing the default apiGroup";
  return [...errors, invalidValue(at, kind ?? '', text)];
}
