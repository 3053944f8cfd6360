/** `/api`, `/apis` and what lies below: what is served, as the aggregated document or as the older lists. */

import {
  aggregatedDiscovery,
  aggregatedDiscoveryType,
  apiGroup,
  apiGroupList,
  apiResourceList,
  legacyApiVersions,
} from '#api/discovery/discovery.ts';
import { noSuchPath } from '#api/meta/status.ts';
import { withoutEnding } from '#base/text/without-ending.ts';
import type { ApiRequest, ApiResponse } from '#client/transport/transport.ts';
import { jsonResponse } from '../codec/encode/json-response.ts';
import { NoSuchPage } from '../contract/plain-refusal.ts';
import type { StorageParts } from '../registry/storage-parts.ts';
import type { Exchange } from '../request/exchange.ts';

export function isDiscovery(path: string): boolean {
  return /^\/apis?(?:\/|$)/.test(path);
}

export function answerDiscovery({ parts, request, info }: Exchange): ApiResponse {
  const segments = withoutEnding(info.path, '/').replace(/^\//, '').split('/');
  if (segments.includes('')) throw new NoSuchPage();
  const [root, first, second, ...rest] = segments;
  if (rest.length > 0) throw noSuchPath();
  const { all: resources } = parts.resources;
  if (first === undefined) return rootDocument(parts, request, root === 'api');
  if (root === 'apis' && !resources.some(({ def }) => def.group === first)) throw new NoSuchPage();
  if (root === 'api') return found(second === undefined ? apiResourceList(resources, '', first) : undefined);
  return found(second === undefined ? apiGroup(resources, first) : apiResourceList(resources, first, second));
}

function rootDocument(
  { resources }: Pick<StorageParts, 'resources'>,
  request: ApiRequest,
  isCore: boolean,
): ApiResponse {
  const { all } = resources;
  if (takesAggregated(request.headers['accept'] ?? '')) {
    const response = jsonResponse(200, aggregatedDiscovery(all, isCore));
    return { ...response, headers: { 'content-type': aggregatedDiscoveryType, vary: 'Accept' } };
  }
  return jsonResponse(200, isCore ? legacyApiVersions(request.headers['host'] ?? '') : apiGroupList(all));
}

/** True when the aggregated form is named before plain JSON. */
function takesAggregated(accept: string): boolean {
  for (const clause of accept.split(',')) {
    const parts = clause.split(';').map((part) => part.trim());
    if (parts[0] !== 'application/json') continue;
    if (parts.length === 1) return false;
    if (parts.includes('g=apidiscovery.k8s.io') && parts.includes('v=v2')) return true;
  }
  return false;
}

function found(document: object | undefined): ApiResponse {
  if (!document) throw noSuchPath();
  return jsonResponse(200, document);
}
