/** The library of mutation expressions: `Object{…}`, `JSONPatch{…}` and `jsonpatch.escapeKey`. */

import type { Library } from '../../declarations/environment.ts';
import { declare, overload } from '../../declarations/function.ts';
import { stringType } from '../../types/type.ts';
import { findObjectType, PatchObject } from './patch-object.ts';
import { makeOperation, patchOperationType } from './patch-operation.ts';

const escapes: Readonly<Record<string, string>> = { '/': '~1', '~': '~0' };

const escapeKey = (key: string) => key.replace(/[/~]/g, (character) => escapes[character]!);

export const patches: Library = {
  functions: [
    declare(
      'jsonpatch.escapeKey',
      overload('string_jsonpatch_escapeKey_string', [stringType], stringType, escapeKey),
    ),
  ],
  family: {
    find: (name) => (name === patchOperationType.name ? patchOperationType : findObjectType(name)),
    make: (type, fields) =>
      type.name === patchOperationType.name ? makeOperation(fields) : new PatchObject(type, fields),
  },
};
