/** The names of the resource group: of requests, pools, devices, attributes, and the identifiers of shares. */

import { checkField } from '../../validation/field-checks.ts';
import { type FieldError, invalidValue, required, tooLong } from '../../validation/field-error.ts';
import { byteLength, cIdentifier, dns1123Label, dns1123Subdomain } from '../../validation/validators.ts';
import { checkDriverName } from '../pods/validation/volumes/vendor.ts';

const poolNameMaxLength = 253;
const idMaxLength = 32;
const domainMaxLength = 63;

/** Of the names of attributes and capacities: a domain, a slash, an identifier. */
export const qualifiedNameMaxLength = domainMaxLength + 1 + idMaxLength;

export const checkLabelName = (name: string, path: string) => checkField(path, name, dns1123Label);

export function checkClassName(name: string, path: string): FieldError[] {
  return name === '' ? [required(path)] : checkField(path, name, dns1123Subdomain);
}

export function checkPoolName(name: string, path: string): FieldError[] {
  if (name === '') return [required(path)];
  const errors = byteLength(name) > poolNameMaxLength ? [tooLong(path, poolNameMaxLength)] : [];
  return [...errors, ...name.split('/').flatMap((part) => checkField(path, part, dns1123Subdomain))];
}

/** As upstream's, a name with two slashes passes. */
export function checkQualifiedName(name: string, path: string): FieldError[] {
  const [first = '', second, ...more] = name.split('/');
  if (second === undefined) return checkIdentifier(first, path);
  if (more.length > 0) return [];
  return [
    ...(first === ''
      ? [invalidValue(path, '', 'the domain must not be empty')]
      : checkDriverName(path, first)),
    ...(second === ''
      ? [invalidValue(path, '', 'the name must not be empty')]
      : checkIdentifier(second, path)),
  ];
}

export function checkFullyQualifiedName(name: string, path: string): FieldError[] {
  const errors = checkQualifiedName(name, path);
  if (name.includes('/')) return errors;
  const text = 'a fully qualified name must be a domain and a name separated by a slash';
  return [...errors, invalidValue(path, name, text)];
}

function checkIdentifier(id: string, path: string): FieldError[] {
  const errors = byteLength(id) > idMaxLength ? [tooLong(path, idMaxLength)] : [];
  return [...errors, ...checkField(path, id, cIdentifier)];
}

const normalUid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function checkUid(uid: string, path: string): FieldError[] {
  if (normalUid.test(uid)) return [];
  const problem = uidProblem(uid);
  if (problem) return [invalidValue(path, uid, `error validating uid: ${problem}`)];
  const text =
    'uid must be in RFC 4122 normalized form, `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` with lowercase hexadecimal characters';
  return [invalidValue(path, uid, text)];
}

const plainLength = 36;
const urnPrefix = 'urn:uuid:';

/** As the library of UUIDs that upstream uses reads them: with a prefix, in braces, without hyphens. */
function uidProblem(uid: string): string | undefined {
  const isFormatted = (text: string) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
  const length = byteLength(uid);
  const wrong = 'invalid UUID format';
  switch (length) {
    case plainLength:
      return isFormatted(uid) ? undefined : wrong;
    case plainLength + urnPrefix.length:
      if (!uid.toLowerCase().startsWith(urnPrefix)) {
        return `invalid urn prefix: ${JSON.stringify(uid.slice(0, urnPrefix.length))}`;
      }
      return isFormatted(uid.slice(urnPrefix.length)) ? undefined : wrong;
    case plainLength + 2:
      if (!/^\{.*\}$/s.test(uid)) return 'invalid bracketed UUID format';
      return isFormatted(uid.slice(1, -1)) ? undefined : wrong;
    case 32:
      return /^[0-9a-f]*$/i.test(uid) ? undefined : wrong;
    default:
      return `invalid UUID length: ${length}`;
  }
}
