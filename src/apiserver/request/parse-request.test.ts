import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseRequest } from './parse-request.ts';

const summary = (method: string, url: string) => {
  const { isResource, verb, group, version, resource, subresource, namespace, name, trailing } = parseRequest(
    method,
    url,
  );
  if (!isResource) return verb;
  return [verb, `${group}/${version}`, namespace, resource, name, subresource, trailing].join(' ').trimEnd();
};

describe('a URL – of each form – gives verb, resource, namespace and name', () => {
  const cases: [string, string, string][] = [
    ['GET', '/version', 'get'],
    ['GET', '/apis/apps', 'get'],
    ['GET', '/api/v1/pods', 'list /v1  pods'],
    ['GET', '/api/v1/pods?watch=true', 'watch /v1  pods'],
    ['GET', '/api/v1/pods?watch=0', 'list /v1  pods'],
    ['GET', '/api/v1/watch/namespaces/a/pods/b', 'watch /v1 a pods b'],
    ['GET', '/api/v1/pods?fieldSelector=spec.x%3Dy,metadata.name%3Db', 'list /v1  pods b'],
    ['HEAD', '/api/v1/namespaces/a/pods/b', 'get /v1 a pods b'],
    ['GET', '/api/v1/pods?fieldSelector=metadata.name!%3Db,metadata.name%3Dc', 'list /v1  pods c'],
    ['GET', '/api/v1/pods?fieldSelector=metadata.name%3D..', 'list /v1  pods'],
    ['DELETE', '/api/v1/pods?fieldSelector=metadata.name%3Db', 'deletecollection /v1  pods'],
    ['GET', '/api/v1/watch/pods?fieldSelector=metadata.name%3Db', 'watch /v1  pods'],
    ['GET', '/api/v1/namespaces/a/pods/b?watch=true', 'get /v1 a pods b'],
    ['GET', '/api/v1/pods?watch=true;x', 'list /v1  pods'],
    ['GET', '/api/v1/namespaces/a%2Fpods/b', 'get /v1 a pods b'],
    ['GET', '/%61pi/v1/pods', 'list /v1  pods'],
    ['GET', '//api/v1/pods//', 'list /v1  pods'],
    ['GET', '/api/v1//pods', 'get /v1   pods'],
    ['GET', '/api/v1/namespaces/a/pods/../secrets', 'get /v1 a pods .. secrets'],
    ['GET', '/api/v1/proxy/namespaces/a/pods/b/c', 'proxy /v1 a pods b'],
    ['DELETE', '/apis/apps/v1/namespaces/a/deployments', 'deletecollection apps/v1 a deployments'],
    ['PUT', '/api/v1/namespaces/a', 'update /v1 a namespaces a'],
    ['PUT', '/api/v1/namespaces/a/finalize', 'update /v1 a namespaces a finalize'],
    ['PATCH', '/api/v1/nodes/b/status', 'patch /v1  nodes b status'],
    [
      'GET',
      '/apis/rbac.authorization.k8s.io/v1/clusterroles/a%3Ab',
      'get rbac.authorization.k8s.io/v1  clusterroles a:b',
    ],
  ];
  for (const [method, url, expected] of cases) {
    test(`${method} ${url}`, () => {
      assert.equal(summary(method, url), expected);
    });
  }
});

describe('the path behind a subresource – escaped – is decoded with the rest of the path', () => {
  const pod = '/api/v1/namespaces/a/pods/proxy/proxy';
  const cases = { '': '', x: 'x', 'x/': 'x/', 'a%20b/c%2Fd': 'a b/c/d', 'x//y/': 'x//y/', '../x': '../x' };
  for (const [rest, trailing] of Object.entries(cases)) {
    test(`proxy/${rest}`, () => {
      assert.equal(parseRequest('GET', `${pod}/${rest}?q=1`).trailing, trailing);
    });
  }
});
