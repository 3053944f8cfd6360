/** What the metrics call a request, under upstream's names. */

import type { RequestInfo } from '../contract/request-info.ts';

export const requestLabels = [
  'verb',
  'group',
  'version',
  'resource',
  'subresource',
  'scope',
  'component',
] as const;

export type RequestLabels = Readonly<Record<(typeof requestLabels)[number], string>>;

/** What labels have in the place of a resource that does not exist, or once there are as many series as may be. */
export const unnamed = { group: '', version: '', resource: '', subresource: '' };

const connected = new Set(['attach', 'exec', 'portforward', 'proxy']);

export function labelsOf({ info, isApply }: { info: RequestInfo; isApply: boolean }): RequestLabels {
  const { group, version, resource, subresource, isResource } = info;
  const part = isResource ? '' : partOfServer(info);
  return {
    verb: isApply ? 'APPLY' : methodOf(info),
    group,
    version,
    resource,
    subresource: subresource || part,
    scope: scopeOf(info),
    component: isResource || part === 'api' || part === 'apis' ? 'apiserver' : '',
  };
}

/** The method, with words of its own for what a method alone does not say. */
function methodOf({ verb, subresource }: RequestInfo): string {
  if (connected.has(subresource)) return 'CONNECT';
  if (verb === 'create') return 'POST';
  return verb === 'update' ? 'PUT' : verb.toUpperCase();
}

/** Which of the paths beside the resources, as far as upstream has names for them. */
export function partOfServer({ path }: Pick<RequestInfo, 'path'>): string {
  const [, root = '', second] = path.split('/');
  if (root === 'healthz' || root === 'livez' || root === 'readyz') return `/${root}`;
  if (path === '/openapi/v2' || path === '/openapi/v3') return path.slice(1);
  if (root === 'openapi') return second === 'v3' ? 'openapi/v3/' : '';
  return root === 'api' || root === 'apis' ? root : '';
}

export function scopeOf({
  isResource,
  name,
  namespace,
}: Pick<RequestInfo, 'isResource' | 'name' | 'namespace'>): string {
  if (!isResource) return '';
  if (name !== '') return 'resource';
  return namespace === '' ? 'cluster' : 'namespace';
}
