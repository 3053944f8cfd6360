/** Shorthands for the types of variables, other than those of custom resources. */

import { type CelType, listType, mapType, objectType, stringType } from '../types/type.ts';

/** An object whose fields have the same names in expressions as in JSON. */
export function objectOf(name: string, fields: Readonly<Record<string, CelType>>): CelType {
  return objectType(
    name,
    new Map(Object.entries(fields).map(([jsonName, type]) => [jsonName, { jsonName, type }])),
  );
}

export const strings = listType(stringType);

export const userInfoType = objectOf('kubernetes.UserInfo', {
  username: stringType,
  uid: stringType,
  groups: strings,
  extra: mapType(stringType, strings),
});
