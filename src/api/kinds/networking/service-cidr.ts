/** ServiceCIDR: a range of cluster IPs. */

import { serviceCIDRs } from '../../generated/kinds.gen.ts';
import { ageOf, nameOf } from '../../kind/cells.ts';
import { defineKind } from '../../kind/define-kind.ts';
import { ageColumn, column, nameColumn } from '../../kind/printer.ts';
import { emptyStatus, keepStatus } from '../../kind/status-handling.ts';
import { type FieldError, invalidValue, required } from '../../validation/field-error.ts';
import { checkCanonicalCidr } from '../../validation/ip-checks.ts';
import { fieldIsImmutable } from '../../validation/validators.ts';
import { parseCidr } from '../../values/ip.ts';

export const serviceCidr = defineKind(serviceCIDRs, {
  hasGeneration: false,
  prepareForCreate: emptyStatus,
  prepareForUpdate: keepStatus,
  keptByStatus: ['labels', 'annotations', 'finalizers', 'ownerReferences'],
  validate: ({ spec }) => checkCidrs(spec?.cidrs ?? []),
  validateUpdate: (now, old) => checkCidrsUpdate(now.spec?.cidrs, old.spec?.cidrs),
  printer: {
    columns: [nameColumn, column('CIDRs'), ageColumn],
    cells: (serviceCidr, now) => [
      nameOf(serviceCidr),
      (serviceCidr.spec?.cidrs ?? []).join(','),
      ageOf(serviceCidr, now),
    ],
  },
});

const at = 'spec.cidrs';

function checkCidrs(cidrs: readonly string[]): FieldError[] {
  if (cidrs.length === 0) return [required(at, 'at least one CIDR required')];
  // Upstream shows the internal form of the whole spec.
  if (cidrs.length > 2) return [invalidValue(at, { CIDRs: cidrs }, 'may only hold up to 2 values')];
  const errors = cidrs.flatMap((cidr, i) => checkCanonicalCidr(`${at}[${i}]`, cidr));
  const [first, second] = cidrs.map((cidr) => parseCidr(cidr)?.ip.family);
  if (first !== undefined && first === second) {
    const text = 'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64';
    errors.push(invalidValue(at, cidrs, text));
  }
  return errors;
}

/** A second range may be added; nothing else changes. */
function checkCidrsUpdate(given: readonly string[] | undefined, old: readonly string[] = []): FieldError[] {
  const now = given ?? [];
  const isWidened = old.length === 1 && now.length === 2;
  if (now.length !== old.length && !isWidened) return [invalidValue(at, given ?? null, fieldIsImmutable)];
  const errors = old.flatMap((cidr, i) =>
    cidr === now[i] ? [] : [invalidValue(`${at}[${i}]`, now[i], fieldIsImmutable)],
  );
  return isWidened ? [...errors, ...checkCidrs(now)] : errors;
}
