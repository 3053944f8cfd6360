/** The columns of what the cluster itself is made of: leases, priorities, runtimes, revisions, flow control, requests. */

import {
  apiServices,
  certificateSigningRequests,
  controllerRevisions,
  flowSchemas,
  leases,
  priorityClasses,
  priorityLevelConfigurations,
  runtimeClasses,
} from '../generated/kinds.gen.ts';
import type { APIService, CertificateSigningRequest, ControllerRevision } from '../generated/types.gen.ts';
import { humanDuration } from '../values/duration.ts';
import { ageOf, boolText, nameOf, none, unset } from './cells.ts';
import { ageColumn, column, definePrinted, nameColumn } from './define.ts';

export const leaseColumns = definePrinted(leases, [nameColumn, column('Holder'), ageColumn], (one, nowMs) => [
  nameOf(one),
  one.spec?.holderIdentity ?? '',
  ageOf(one, nowMs),
]);

export const priorityClassColumns = definePrinted(
  priorityClasses,
  [
    nameColumn,
    column('Value', 'integer'),
    column('Global-Default', 'boolean'),
    ageColumn,
    column('PreemptionPolicy'),
  ],
  (one, nowMs) => [
    nameOf(one),
    one.value,
    one.globalDefault ?? false,
    ageOf(one, nowMs),
    one.preemptionPolicy ?? 'PreemptLowerPriority',
  ],
);

export const runtimeClassColumns = definePrinted(
  runtimeClasses,
  [nameColumn, column('Handler'), ageColumn],
  (one, nowMs) => [nameOf(one), one.handler, ageOf(one, nowMs)],
);

export const controllerRevisionColumns = definePrinted(
  controllerRevisions,
  [nameColumn, column('Controller'), column('Revision', 'integer'), ageColumn],
  (one, nowMs) => [nameOf(one), controllerName(one), one.revision, ageOf(one, nowMs)],
);

function controllerName(one: ControllerRevision): string {
  const owner = one.metadata?.ownerReferences?.find((ref) => ref.controller);
  if (!owner) return none;
  const group = owner.apiVersion.includes('/') ? `.${owner.apiVersion.split('/')[0]}` : '';
  return `${owner.kind.toLowerCase()}${group}/${owner.name}`;
}

export const certificateRequestColumns = definePrinted(
  certificateSigningRequests,
  [
    nameColumn,
    ageColumn,
    column('SignerName'),
    column('Requestor'),
    column('RequestedDuration'),
    column('Condition'),
  ],
  (one, nowMs) => {
    const seconds = one.spec.expirationSeconds;
    return [
      nameOf(one),
      ageOf(one, nowMs),
      one.spec.signerName,
      one.spec.username ?? '',
      seconds === undefined ? none : humanDuration(seconds * 1000),
      requestCondition(one),
    ];
  },
);

function requestCondition(one: CertificateSigningRequest): string {
  const has = (type: string) => one.status?.conditions?.some((condition) => condition.type === type);
  const words = [has('Denied') ? 'Denied' : has('Approved') ? 'Approved' : 'Pending'];
  if (has('Failed')) words.push('Failed');
  if (one.status?.certificate) words.push('Issued');
  return words.join(',');
}

export const apiServiceColumns = definePrinted(
  apiServices,
  [nameColumn, column('Service'), column('Available'), ageColumn],
  (one, nowMs) => {
    const service = one.spec?.service;
    const at = service ? `${service.namespace}/${service.name}` : 'Local';
    return [nameOf(one), at, availability(one), ageOf(one, nowMs)];
  },
);

function availability(one: APIService): string {
  const condition = one.status?.conditions?.find((found) => found.type === 'Available');
  if (!condition) return 'Unknown';
  return condition.status === 'True' ? 'True' : `${condition.status} (${condition.reason})`;
}

export const flowSchemaColumns = definePrinted(
  flowSchemas,
  [
    nameColumn,
    column('PriorityLevel'),
    column('MatchingPrecedence', 'integer'),
    column('DistinguisherMethod'),
    ageColumn,
    column('MissingPL'),
  ],
  (one, nowMs) => {
    const dangling = one.status?.conditions?.find((condition) => condition.type === 'Dangling');
    return [
      nameOf(one),
      one.spec?.priorityLevelConfiguration.name ?? '',
      one.spec?.matchingPrecedence ?? 0,
      one.spec?.distinguisherMethod?.type ?? none,
      ageOf(one, nowMs),
      dangling ? boolText(dangling.status === 'True') : '?',
    ];
  },
);

export const priorityLevelColumns = definePrinted(
  priorityLevelConfigurations,
  [
    nameColumn,
    column('Type'),
    column('NominalConcurrencyShares'),
    column('Queues'),
    column('HandSize'),
    column('QueueLengthLimit'),
    ageColumn,
  ],
  (one, nowMs) => {
    const limited = one.spec?.limited;
    const queuing = limited?.limitResponse?.queuing;
    return [
      nameOf(one),
      one.spec?.type ?? '',
      limited?.nominalConcurrencyShares ?? (limited ? unset : none),
      queuing?.queues ?? none,
      queuing?.handSize ?? none,
      queuing?.queueLengthLimit ?? none,
      ageOf(one, nowMs),
    ];
  },
);
