/**
 * The environment of admission: match conditions of webhooks, and expressions of policies. `object` and `oldObject` are
 * untyped, since an expression is evaluated for objects of many kinds.
 */

import type { Environment } from '../declarations/environment.ts';
import { authorizerType, resourceCheckType } from '../library/authorizer.ts';
import {
  boolType,
  type CelType,
  dynType,
  intType,
  listType,
  mapType,
  stringType,
  timestampType,
} from '../types/type.ts';
import { baseEnvironment } from './base.ts';
import { objectOf, strings, userInfoType } from './object-type.ts';

const kindType = objectOf('kubernetes.GroupVersionKind', {
  group: stringType,
  version: stringType,
  kind: stringType,
});

const resourceType = objectOf('kubernetes.GroupVersionResource', {
  group: stringType,
  version: stringType,
  resource: stringType,
});

const requestType = objectOf('kubernetes.AdmissionRequest', {
  kind: kindType,
  resource: resourceType,
  subResource: stringType,
  requestKind: kindType,
  requestResource: resourceType,
  requestSubResource: stringType,
  name: stringType,
  namespace: stringType,
  operation: stringType,
  userInfo: userInfoType,
  dryRun: boolType,
  options: dynType,
});

const texts = mapType(stringType, stringType);

const namespaceMetadataType = objectOf('kubernetes.NamespaceMetadata', {
  name: stringType,
  generateName: stringType,
  namespace: stringType,
  labels: texts,
  annotations: texts,
  UID: stringType,
  creationTimestamp: timestampType,
  deletionGracePeriodSeconds: intType,
  deletionTimestamp: timestampType,
  generation: intType,
  resourceVersion: stringType,
  finalizers: strings,
});

const namespaceConditionType = objectOf('kubernetes.NamespaceCondition', {
  status: stringType,
  type: stringType,
  lastTransitionTime: timestampType,
  message: stringType,
  reason: stringType,
});

const namespaceSpecType = objectOf('kubernetes.NamespaceSpec', { finalizers: strings });

const namespaceStatusType = objectOf('kubernetes.NamespaceStatus', {
  conditions: listType(namespaceConditionType),
  phase: stringType,
});

const namespaceType = objectOf('kubernetes.Namespace', {
  metadata: namespaceMetadataType,
  spec: namespaceSpecType,
  status: namespaceStatusType,
});

/** The optional variables of an expression. */
const namedTypes: readonly CelType[] = [
  kindType,
  resourceType,
  userInfoType,
  requestType,
  namespaceMetadataType,
  namespaceConditionType,
  namespaceSpecType,
  namespaceStatusType,
  namespaceType,
];

export interface AdmissionVariables {
  readonly hasParams?: boolean;
  readonly hasAuthorizer?: boolean;
}

/** `authorizer.requestResource` is a variable of its own: bind it under this name. */
export const requestResource = 'authorizer.requestResource';

export function admissionEnvironment({ hasParams, hasAuthorizer }: AdmissionVariables): Environment {
  return baseEnvironment().with(
    {
      object: dynType,
      oldObject: dynType,
      // null for what is in no namespace, and for match conditions.
      namespaceObject: namespaceType.with({ isNullable: true }),
      request: requestType,
      ...(hasParams ? { params: dynType } : {}),
      ...(hasAuthorizer ? { authorizer: authorizerType, [requestResource]: resourceCheckType } : {}),
    },
    namedTypes,
  );
}
