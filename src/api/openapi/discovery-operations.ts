/** The operations beside resources: discovery, the version, the keys of the issuer of service account tokens. */

import type { ResourceDef } from '../schema/schema.ts';
import { metaTypePrefix } from './kinds.ts';
import { groupTag, groupVersionWord, groupWord, type Operation, objectTypes, tagOf } from './operations.ts';

const versionType = 'io.k8s.apimachinery.pkg.version.Info';

interface Plain {
  readonly path: string;
  readonly operationId: string;
  readonly tag: string;
  readonly response?: string;
  readonly mediaTypes?: readonly string[];
}

function operation({ mediaTypes = objectTypes, ...plain }: Plain): Operation {
  return {
    ...plain,
    method: 'get',
    pathParameters: [],
    queryParameters: [],
    responseMediaTypes: mediaTypes,
    isCustom: false,
  };
}

/** Of the server as a whole, by the path of their document of version 3. */
export const serverOperations: Readonly<Record<string, Operation>> = {
  '.well-known/openid-configuration': operation({
    path: '/.well-known/openid-configuration/',
    operationId: 'getServiceAccountIssuerOpenIDConfiguration',
    tag: 'WellKnown',
    mediaTypes: ['application/json'],
  }),
  api: operation({
    path: '/api/',
    operationId: 'getCoreAPIVersions',
    tag: 'core',
    response: `${metaTypePrefix}APIVersions`,
  }),
  apis: operation({
    path: '/apis/',
    operationId: 'getAPIVersions',
    tag: 'apis',
    response: `${metaTypePrefix}APIGroupList`,
  }),
  'openid/v1/jwks': operation({
    path: '/openid/v1/jwks/',
    operationId: 'getServiceAccountIssuerOpenIDKeyset',
    tag: 'openid',
    mediaTypes: ['application/jwk-set+json'],
  }),
  version: operation({
    path: '/version/',
    operationId: 'getCodeVersion',
    tag: 'version',
    response: versionType,
    mediaTypes: ['application/json'],
  }),
};

export function groupOperation(group: string): Operation {
  return operation({
    path: `/apis/${group}/`,
    operationId: `get${groupWord({ group })}APIGroup`,
    tag: groupTag({ group }),
    response: `${metaTypePrefix}APIGroup`,
  });
}

export function versionOperation(def: Pick<ResourceDef, 'group' | 'version'>): Operation {
  const { group, version } = def;
  return operation({
    path: group === '' ? `/api/${version}/` : `/apis/${group}/${version}/`,
    operationId: `get${groupVersionWord(def)}APIResources`,
    tag: tagOf(def),
    response: `${metaTypePrefix}APIResourceList`,
  });
}
