/** APIService: a group and version, and the server that serves it: this one, or another behind a service. */

import { apiServices } from '../../generated/kinds.gen.ts';
import type { APIService, APIServiceCondition, APIServiceSpec } from '../../generated/types.gen.ts';
import { ageOf, nameOf } from '../../kind/cells.ts';
import { defineKind } from '../../kind/define-kind.ts';
import { ageColumn, column, nameColumn } from '../../kind/printer.ts';
import { keepStatus } from '../../kind/status-handling.ts';
import { conditionOf } from '../../meta/conditions.ts';
import type { NameRule } from '../../meta/validation.ts';
import { checkField } from '../../validation/field-checks.ts';
import { type FieldError, invalidValue, notSupported, required } from '../../validation/field-error.ts';
import { dns1035Label, dns1123Subdomain, pathSegmentName, portNumber } from '../../validation/validators.ts';

/** What this server serves itself is available. `now` in RFC 3339. */
export function localCondition(now: string): APIServiceCondition {
  return {
    lastTransitionTime: now,
    message: 'Local APIServices are always available',
    reason: 'Local',
    status: 'True',
    type: 'Available',
  };
}

export const apiService = defineKind(apiServices, {
  isStoredAsJson: true,
  hasGeneration: false,
  allowUnconditionalUpdate: false,
  nameRuleOf: nameRule,
  updateChecks: ['metadataChange', 'metadata', 'change'],
  takesPlainFinalizers: true,
  setDefaults(service) {
    if (service.spec?.service) service.spec.service.port ??= 443;
  },
  prepareForCreate(service, now) {
    service.status = service.spec?.service ? {} : { conditions: [localCondition(now)] };
  },
  prepareForUpdate: keepStatus,
  validate,
  validateStatusUpdate: ({ status }) => (status?.conditions ?? []).flatMap(validateCondition),
  keptByStatus: ['labels', 'annotations', 'finalizers', 'ownerReferences'],
  storageFolder: 'apiregistration.k8s.io/apiservices',
  printer: {
    columns: [nameColumn, column('Service'), column('Available'), ageColumn],
    cells: (apiService, now) => {
      const service = apiService.spec?.service;
      const at = service ? `${service.namespace}/${service.name}` : 'Local';
      return [nameOf(apiService), at, availability(apiService), ageOf(apiService, now)];
    },
  },
});

function availability(service: APIService): string {
  const condition = conditionOf(service.status, 'Available');
  if (!condition) return 'Unknown';
  const isPlain = condition.status === 'True' || !condition.reason;
  return isPlain ? condition.status : `${condition.status} (${condition.reason})`;
}

function validate({ spec }: APIService): FieldError[] {
  const { group = '', version = '', service } = spec ?? {};
  return [
    ...checkGroup(group, version),
    ...checkField('spec.version', version, dns1035Label),
    ...checkPriority('spec.groupPriorityMinimum', spec?.groupPriorityMinimum, 20_000),
    ...checkPriority('spec.versionPriority', spec?.versionPriority, 1000),
    ...(service ? checkRemote(spec!) : checkLocal(spec)),
  ];
}

function nameRule({ spec }: APIService): NameRule {
  const wanted = `${spec?.version ?? ''}.${spec?.group ?? ''}`;
  const text = `must be \`spec.version+"."+spec.group\`: ${JSON.stringify(wanted)}`;
  return (name) => {
    const wrong = pathSegmentName(name);
    return wrong.length > 0 || name === wanted ? wrong : [text];
  };
}

function checkGroup(group: string, version: string): FieldError[] {
  if (group !== '') return checkField('spec.group', group, dns1123Subdomain);
  if (version === 'v1') return [];
  return [required('spec.group', 'only v1 may have an empty group and it better be legacy kube')];
}

function checkPriority(field: string, priority = 0, max: number): FieldError[] {
  if (priority > 0 && priority <= max) return [];
  return [invalidValue(field, priority, `must be positive and less than ${max}`)];
}

function checkLocal({ caBundle, insecureSkipTLSVerify }: Partial<APIServiceSpec> = {}): FieldError[] {
  const errors: FieldError[] = [];
  if (caBundle) {
    const bytes = `${Buffer.from(caBundle, 'base64').length} bytes`;
    errors.push(invalidValue('spec.caBundle', bytes, 'local APIServices may not have a caBundle'));
  }
  if (insecureSkipTLSVerify) {
    const text = 'local APIServices may not have insecureSkipTLSVerify';
    errors.push(invalidValue('spec.insecureSkipTLSVerify', true, text));
  }
  return errors;
}

function checkRemote({ service, caBundle, insecureSkipTLSVerify }: APIServiceSpec): FieldError[] {
  const { namespace, name, port = 0 } = service!;
  const errors: FieldError[] = [];
  if (!namespace) errors.push(required('spec.service.namespace'));
  if (!name) errors.push(required('spec.service.name'));
  const wrongPort = portNumber(port);
  if (wrongPort.length > 0) {
    errors.push(invalidValue('spec.service.port', port, `port is not valid: ${wrongPort.join(', ')}`));
  }
  if (insecureSkipTLSVerify && caBundle) {
    errors.push(invalidValue('spec.insecureSkipTLSVerify', true, 'may not be true if caBundle is present'));
  }
  return errors;
}

const statuses = ['True', 'False', 'Unknown'];

function validateCondition({ status }: APIServiceCondition, index: number): FieldError[] {
  if (statuses.includes(status)) return [];
  return [notSupported(`status.conditions[${index}].status`, status, statuses)];
}
