/** Bodies of built-in kinds, and patches of their objects, that are expensive to read, merge or validate. */

import { type Body, created, keys, keysMax, long, many, maps, podOf, valuesMax } from './body.ts';

/** Method, path, content type and body, by what is attacked. */
const bodies: Readonly<Record<string, Body>> = {
  'unknown fields': [
    'POST',
    maps,
    'application/json',
    `{"metadata":{"name":"a"},${keys((key) => `"${key}":"${long}"`)}}`,
  ],
  'doubled fields': [
    'POST',
    maps,
    'application/json',
    `{"metadata":{"name":"b"},"data":{${many(300_000, () => '"k":"v"')}}}`,
  ],
  'owners, each the controller': [
    'POST',
    maps,
    'application/json',
    `{"metadata":{"name":"c","ownerReferences":[${many(30_000, (i) => `{"apiVersion":"v1","kind":"K","name":"n${i}","uid":"u${i}","controller":true}`)}]}}`,
  ],
  labels: [
    'POST',
    maps,
    'application/json',
    `{"metadata":{"name":"d","labels":{${keys((key) => `"${key}":"${long}"`)}}}}`,
  ],
  annotations: created(
    'configmaps',
    `{"metadata":{"name":"e","annotations":{${keys((key) => `"${key}":"${long}"`)}}}}`,
  ),
  finalizers: created(
    'configmaps',
    `{"metadata":{"name":"f","finalizers":[${many(300_000, (i) => `"${i}/"`)}]}}`,
  ),
  'managed fields': created(
    'configmaps',
    `{"metadata":{"name":"g","managedFields":[${many(30_000, (i) => `{"manager":"m${i}","operation":"Apply","apiVersion":"v1","fieldsV1":{"f:a":{}}}`)}]}}`,
  ),
  'data keys': created(
    'configmaps',
    `{"metadata":{"name":"h"},"data":{${keys((key) => `"${key} ":"${long}"`)}}}`,
  ),
  'names of resources': created(
    'pods',
    podOf(`{"name":"c","image":"i","resources":{"limits":{${keys((key) => `"${key}":1.${long.length}0`)}}}}`),
  ),
  'quantities of 10,000 digits': created(
    'pods',
    podOf(
      many(280, (i) => `{"name":"c${i}","image":"i","resources":{"limits":{"cpu":"${'7'.repeat(9_990)}"}}}`),
    ),
  ),
  containers: created('pods', podOf(many(100_000, (i) => `{"name":"c${i}","image":"i"}`))),
  'empty containers': created('pods', podOf(many(valuesMax, () => '{}'))),
  'container ports': created(
    'pods',
    podOf(`{"name":"c","image":"i","ports":[${many(120_000, (i) => `{"containerPort":${i}}`)}]}`),
  ),
  environment: created(
    'pods',
    podOf(`{"name":"c","image":"i","env":[${many(120_000, (i) => `{"name":"n${i}","value":"v"}`)}]}`),
  ),
  tolerations: created(
    'pods',
    podOf('{"name":"c","image":"i"}', `,"tolerations":[${many(valuesMax, () => '{}')}]`),
  ),
  volumes: created(
    'pods',
    podOf(
      '{"name":"c","image":"i"}',
      `,"volumes":[${many(100_000, (i) => `{"name":"v${i}","emptyDir":{}}`)}]`,
    ),
  ),
  'ranges of limits': created(
    'limitranges',
    `{"metadata":{"name":"i"},"spec":{"limits":[${many(50_000, (i) => `{"type":"Container","max":{"r${i}/x":"1"}}`)}]}}`,
  ),
  'service ports': created(
    'services',
    `{"metadata":{"name":"j"},"spec":{"ports":[${many(120_000, (i) => `{"name":"p${i}","port":${i}}`)}]}}`,
  ),
  'addresses of endpoints': created(
    'endpoints',
    `{"metadata":{"name":"k"},"subsets":[{"addresses":[${many(150_000, (i) => `{"ip":"10.${i >> 16}.${(i >> 8) & 255}.${i & 255}"}`)}],"ports":[{"port":1}]}]}`,
  ),
  'rules of a role': [
    'POST',
    '/apis/rbac.authorization.k8s.io/v1/clusterroles',
    'application/json',
    `{"metadata":{"name":"l"},"rules":[${many(valuesMax, () => '{}')}]}`,
  ],
  'no JSON': ['POST', maps, 'application/json', `{"a":[${'1,'.repeat(valuesMax)}]`],
  'YAML keys': [
    'POST',
    maps,
    'application/yaml',
    Array.from({ length: keysMax }, (_, i) => `k${i}: ${long}`).join('\n'),
  ],
  'merge patch of keys': [
    'PATCH',
    `${maps}/old`,
    'application/merge-patch+json',
    `{"data":{${keys((key) => `"${key}":"${long}"`)}}}`,
  ],
  'strategic patch that takes keys away': [
    'PATCH',
    `${maps}/old`,
    'application/strategic-merge-patch+json',
    `{"data":{${keys((key) => `"${key}":null`)}}}`,
  ],
  'strategic patch of a pod that may not change': [
    'PATCH',
    '/api/v1/namespaces/default/pods/many',
    'application/strategic-merge-patch+json',
    `{"spec":{"containers":[{"name":"c0","env":[${many(60_000, (i) => `{"name":"n${i}","value":"v"}`)}]}]}}`,
  ],
  'merge patch of a pod that may not change': [
    'PATCH',
    '/api/v1/namespaces/default/pods/many',
    'application/merge-patch+json',
    `{"spec":{"containers":[${many(3000, (i) => `{"name":"c${i}","image":"i","command":["c${i}"]}`)}]}}`,
  ],
  'node ports': created(
    'services',
    `{"metadata":{"name":"n"},"spec":{"type":"NodePort","ports":[${many(40_000, (i) => `{"name":"p${i}","port":${i + 1}}`)}]}}`,
  ),
  'labels of a secret': created(
    'secrets',
    `{"metadata":{"name":"s","labels":{${keys((key) => `"${key}":"${long}"`)}}}}`,
  ),
  'JSON patch that copies': [
    'PATCH',
    `${maps}/old`,
    'application/json-patch+json',
    `[${many(10_000, (i) => `{"op":"copy","from":"/data","path":"/data/a${i}"}`)}]`,
  ],
  'more keys than a body may have': created(
    'configmaps',
    `{"data":{${keys((key, i) => `"${key}":1,"${key}/${i}":1`)}}}`,
  ),
  'more values than a body may have': created('configmaps', `{"a":[${'{},'.repeat(1_000_000)}1]}`),
  'amounts of a node': [
    'POST',
    '/api/v1/nodes',
    'application/json',
    `{"metadata":{"name":"m"},"status":{"capacity":{${keys((key) => `"${key}":"1"`)}}}}`,
  ],
  'keys of many objects': created(
    'pods',
    podOf(many(320, (i) => `{"name":"c","image":"i",${many(100, (j) => `"k${i * 100 + j}":"${long}"`)}}`)),
  ),
  'ports of one name': created(
    'pods',
    podOf(`{"name":"c","image":"i","ports":[${many(140_000, () => '{"containerPort":80}')}]}`),
  ),
  'conditions of a node': [
    'POST',
    '/api/v1/nodes',
    'application/json',
    `{"metadata":{"name":"o"},"status":{"conditions":[${many(valuesMax, () => '{}')}]}}`,
  ],
  'requirements of a review': [
    'POST',
    '/apis/authorization.k8s.io/v1/subjectaccessreviews',
    'application/json',
    `{"spec":{"user":"u","resourceAttributes":{"labelSelector":{"requirements":[${many(240_000, () => '{"key":"k"}')}]}}}}`,
  ],
  'groups of a review': [
    'POST',
    '/apis/authorization.k8s.io/v1/subjectaccessreviews',
    'application/json',
    `{"spec":{"user":"u","groups":[${many(150_000, (i) => `"g${i}"`)}],"extra":{${keys((key) => `"${key}":["v"]`)}},"nonResourceAttributes":{"path":"/","verb":"get"}}}`,
  ],
  'audiences of a review': [
    'POST',
    '/apis/authentication.k8s.io/v1/tokenreviews',
    'application/json',
    `{"spec":{"token":"t","audiences":[${many(280_000, (i) => `"a${i}"`)}]}}`,
  ],
  'audiences of a token': [
    'POST',
    '/api/v1/namespaces/default/serviceaccounts/default/token',
    'application/json',
    `{"spec":{"audiences":[${many(280_000, (i) => `"a${i}"`)}]}}`,
  ],
  'options of a deletion': [
    'DELETE',
    `${maps}/none`,
    'application/json',
    `{"preconditions":{},"dryRun":[${many(150_000, () => '"All"')}],${keys((key) => `"${key}":1`)}}`,
  ],
  'YAML aliases': [
    'POST',
    maps,
    'application/yaml',
    `metadata:\n  name: al\na: &a {${many(3000, (i) => `k${i}: 1`)}}\nb: [${many(100, () => '*a')}]`,
  ],
  'YAML aliases of short lists': [
    'POST',
    maps,
    'application/yaml',
    `a: &a [${many(9000, () => '{}')}]\nb: [${many(60, () => '*a')}]\nc: [${many(9000, () => '1')}]`,
  ],
  'JSON patch of many operations': [
    'PATCH',
    `${maps}/old`,
    'application/json-patch+json',
    `[${many(10_000, (i) => `{"op":"add","path":"/data/${'k'.repeat(200)}${i}","value":"v"}`)}]`,
  ],
  'JSON patch of a large map': [
    'PATCH',
    `${maps}/large`,
    'application/json-patch+json',
    `[${many(10_000, (i) => `{"op":"add","path":"/data/n${i}","value":"v"}`)}]`,
  ],
  'JSON patch that tests a large map': [
    'PATCH',
    `${maps}/large`,
    'application/json-patch+json',
    `[${many(10_000, () => '{"op":"test","path":"/data","value":{}}')}]`,
  ],
  'merge patch of one key of a large map': [
    'PATCH',
    `${maps}/large`,
    'application/merge-patch+json',
    '{"data":{"k1":"w"}}',
  ],
  'strategic patch of one key of a large map': [
    'PATCH',
    `${maps}/large`,
    'application/strategic-merge-patch+json',
    '{"data":{"k2":"w"}}',
  ],
  'update of a large map': [
    'PUT',
    `${maps}/large`,
    'application/json',
    `{"metadata":{"name":"large"},"data":{${keys((key) => `"${key}":"w"`)}}}`,
  ],
  'strategic patch that deletes items': [
    'PATCH',
    '/api/v1/namespaces/default/pods/many',
    'application/strategic-merge-patch+json',
    `{"spec":{"containers":[${many(60_000, (i) => `{"$patch":"delete","name":"c${i}"}`)}]}}`,
  ],
  'strategic patch that orders items': [
    'PATCH',
    '/api/v1/namespaces/default/pods/many',
    'application/strategic-merge-patch+json',
    `{"spec":{"$setElementOrder/containers":[${many(60_000, (i) => `{"name":"c${i}"}`)}],"containers":[${many(30_000, (i) => `{"name":"c${i}","image":"j"}`)}]}}`,
  ],
  'strategic patch of owners': [
    'PATCH',
    `${maps}/old`,
    'application/strategic-merge-patch+json',
    `{"metadata":{"ownerReferences":[${many(60_000, (i) => `{"uid":"u${i}","name":"n"}`)}],"$deleteFromPrimitiveList/finalizers":[${many(30_000, (i) => `"f${i}"`)}]}}`,
  ],
  'JSON patch that moves a list': [
    'PATCH',
    `${maps}/old`,
    'application/json-patch+json',
    `[{"op":"add","path":"/x","value":[${'1,'.repeat(100_000)}1]},${many(9000, () => '{"op":"remove","path":"/x/0"}')}]`,
  ],
};

/** In this order. */
export const objectsBodies: readonly (readonly [what: string, body: Body])[] = Object.entries(bodies);
