/** IPAddress: an allocated address of a service range, and the object that uses it. */

import { ipAddresses } from '../../generated/kinds.gen.ts';
import type { IPAddress } from '../../generated/types.gen.ts';
import { GoText } from '../../go/text.ts';
import { ageOf, nameOf, none } from '../../kind/cells.ts';
import { defineKind } from '../../kind/define-kind.ts';
import { column, nameColumn } from '../../kind/printer.ts';
import { checkField } from '../../validation/field-checks.ts';
import { type FieldError, invalidValue, required } from '../../validation/field-error.ts';
import { checkCanonicalIp } from '../../validation/ip-checks.ts';
import { dns1123Subdomain, fieldIsImmutable, pathSegmentName } from '../../validation/validators.ts';

export const ipAddress = defineKind(ipAddresses, {
  nameRule: (name) => checkCanonicalIp('', name).map(({ detail }) => detail),
  validate: validateIpAddress,
  updateChecks: ['metadata', 'object', 'metadataChange', 'change'],
  validateUpdate: (now, old) => (shown(now) === shown(old) ? [] : [parentRefChanged(now)]),
  printer: {
    // Upstream names no column for the last cell.
    columns: [nameColumn, column('ParentRef')],
    cells: (ipAddress, now) => {
      return [nameOf(ipAddress), parentText(ipAddress), ageOf(ipAddress, now)];
    },
  },
});

function parentText({ spec }: IPAddress): string {
  if (!spec?.parentRef) return none;
  const { group, resource, namespace, name } = spec.parentRef;
  const kind = (group ? `${resource}.${group}` : resource).toLowerCase();
  return [kind, namespace, name].filter(Boolean).join('/');
}

function validateIpAddress({ spec }: IPAddress): FieldError[] {
  const at = 'spec.parentRef';
  if (!spec?.parentRef) return [required(at)];
  const { group, resource, name, namespace } = spec.parentRef;
  const errors = group ? checkField(`${at}.group`, group, dns1123Subdomain) : [];
  errors.push(...checkSegment(`${at}.resource`, resource), ...checkSegment(`${at}.name`, name));
  if (namespace) errors.push(...checkSegment(`${at}.namespace`, namespace));
  return errors;
}

function checkSegment(field: string, value: string | undefined): FieldError[] {
  return value ? checkField(field, value, pathSegmentName) : [required(field)];
}

function parentRefChanged(address: IPAddress): FieldError {
  return invalidValue('spec.parentRef', new GoText(shown(address)), fieldIsImmutable);
}

/** As upstream's internal form is printed. */
function shown({ spec }: IPAddress): string {
  if (!spec?.parentRef) return 'null';
  const { group = '', resource = '', namespace = '', name = '' } = spec.parentRef;
  return JSON.stringify({ Group: group, Resource: resource, Namespace: namespace, Name: name });
}
