/** Pods, services, nodes and workloads with very much of one field, and writes of their subresources. */

import { type Body, created, json, keys, many, podOf } from './body.ts';

const container = '{"name":"c","image":"i"}';
const pod = (more: string) => created('pods', podOf(container, `,${more}`));
const podWith = (field: string) => created('pods', podOf(`{"name":"c","image":"i",${field}}`));
const volume = (source: string) => pod(`"volumes":[{"name":"v",${source}}]`);
const service = (spec: string) =>
  created('services', `{"metadata":{"generateName":"s"},"spec":{"ports":[{"port":1}],${spec}}}`);
const node = (fields: string): Body => [
  'POST',
  '/api/v1/nodes',
  json,
  `{"metadata":{"generateName":"n"},${fields}}`,
];
const named = (path: string, fields: string): Body => [
  'POST',
  `/apis/${path}`,
  json,
  `{"metadata":{"generateName":"w"},${fields}}`,
];
const patchOfPod = (subresource: string, patch: string): Body => [
  'PATCH',
  `/api/v1/namespaces/default/pods/many/${subresource}`,
  'application/strategic-merge-patch+json',
  patch,
];
const ofPod = (subresource: string, body: string): Body => [
  'POST',
  `/api/v1/namespaces/default/pods/many/${subresource}`,
  json,
  body,
];
const address = (i: number) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`;
const values = `{"key":"k","operator":"In","values":[${many(125_000, (i) => `"v${i}"`)}]}`;
const labels = keys((key) => `"x/${key}":"v"`);
const selector = '"selector":{"matchLabels":{"a":"b"}}';
const template = (containers: string) =>
  `"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[${containers}]}}`;
const slices = 'discovery.k8s.io/v1/namespaces/default/endpointslices';
const ingresses = 'networking.k8s.io/v1/namespaces/default/ingresses';
const fallback = '"defaultBackend":{"service":{"name":"s","port":{"number":80}}}';

export const workloadsBodies: readonly (readonly [what: string, body: Body])[] = [
  [
    'annotations of a pod',
    created(
      'pods',
      `{"metadata":{"generateName":"p","annotations":{${labels}}},"spec":{"containers":[${container}]}}`,
    ),
  ],
  ['arguments', podWith(`"args":[${many(130_000, (i) => `"$(A${i})"`)}]`)],
  [
    'volume mounts',
    created(
      'pods',
      podOf(
        `{"name":"c","image":"i","volumeMounts":[${many(40_000, (i) => `{"name":"v","mountPath":"/p${i}"}`)}]}`,
        ',"volumes":[{"name":"v","emptyDir":{}}]',
      ),
    ),
  ],
  [
    'preferred nodes',
    pod(
      `"affinity":{"nodeAffinity":{"preferredDuringSchedulingIgnoredDuringExecution":[${many(12_000, (i) => `{"weight":1,"preference":{"matchExpressions":[{"key":"k${i}","operator":"Exists"}]}}`)}]}}`,
    ),
  ],
  [
    'required nodes',
    pod(
      `"affinity":{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[{"matchExpressions":[${values}]}]}}}`,
    ),
  ],
  ['node selector', pod(`"nodeSelector":{${labels}}`)],
  [
    'spread constraints',
    pod(
      `"topologySpreadConstraints":[${many(24_000, (i) => `{"maxSkew":1,"topologyKey":"k${i}","whenUnsatisfiable":"DoNotSchedule"}`)}]`,
    ),
  ],
  [
    'host aliases',
    pod(`"hostAliases":[${many(24_000, (i) => `{"ip":"${address(i)}","hostnames":["h${i}"]}`)}]`),
  ],
  [
    'tolerations of keys',
    pod(`"tolerations":[${many(32_000, (i) => `{"key":"k${i}","operator":"Exists","effect":"NoExecute"}`)}]`),
  ],
  ['scheduling gates', pod(`"schedulingGates":[${many(49_000, (i) => `{"name":"x/c${i}"}`)}]`)],
  [
    'sysctls',
    pod(`"securityContext":{"sysctls":[${many(40_000, (i) => `{"name":"n.a${i}","value":"1"}`)}]}`),
  ],
  [
    'projected sources',
    volume(
      `"projected":{"sources":[${many(16_000, (i) => `{"configMap":{"name":"m${i}","items":[{"key":"k","path":"p${i}"}]}}`)}]}`,
    ),
  ],
  [
    'items of a config map',
    volume(`"configMap":{"name":"m","items":[${many(40_000, (i) => `{"key":"k${i}","path":"p${i}"}`)}]}`),
  ],
  ['init containers', pod(`"initContainers":[${many(49_000, (i) => `{"name":"c${i}","image":"i"}`)}]`)],
  [
    'deployment with an environment',
    named(
      'apps/v1/namespaces/default/deployments',
      `"spec":{${selector},${template(`{"name":"c","image":"i","env":[${many(43_000, (i) => `{"name":"n${i}","value":"v"}`)}]}`)}}`,
    ),
  ],
  [
    'stateful set with claims',
    named(
      'apps/v1/namespaces/default/statefulsets',
      `"spec":{"serviceName":"s",${selector},${template(container)},"volumeClaimTemplates":[${many(9000, (i) => `{"metadata":{"name":"c${i}"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}`)}]}`,
    ),
  ],
  [
    'revision of data',
    named(
      'apps/v1/namespaces/default/controllerrevisions',
      `"revision":1,"data":{${keys((key) => `"${key}":{"a":1}`)}}`,
    ),
  ],
  [
    'autoscaler with metrics',
    named(
      'autoscaling/v2/namespaces/default/horizontalpodautoscalers',
      `"spec":{"maxReplicas":3,"scaleTargetRef":{"kind":"Deployment","name":"d","apiVersion":"apps/v1"},"metrics":[${many(12_000, () => '{"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":50}}}')}]}`,
    ),
  ],
  [
    'disruption budget with a selector',
    named(
      'policy/v1/namespaces/default/poddisruptionbudgets',
      `"spec":{"minAvailable":1,"selector":{"matchExpressions":[${many(24_000, (i) => `{"key":"k${i}","operator":"Exists"}`)}]}}`,
    ),
  ],
  ['external addresses', service(`"externalIPs":[${many(110_000, (i) => `"${address(i)}"`)}]`)],
  ['selector of a service', service(`"selector":{${labels}}`)],
  [
    'endpoints with topology',
    named(
      slices,
      `"addressType":"IPv4","endpoints":[${many(6000, (i) => `{"addresses":["${address(i)}"],"nodeName":"n","zone":"z","conditions":{"ready":true},"hints":{"forZones":[{"name":"z"}]},"targetRef":{"kind":"Pod","name":"p${i}"}}`)}]`,
    ),
  ],
  [
    'addresses of an endpoint',
    named(
      slices,
      `"addressType":"IPv4","endpoints":[{"addresses":[${many(110_000, (i) => `"${address(i)}"`)}]}]`,
    ),
  ],
  [
    'hosts of an ingress',
    named(ingresses, `"spec":{${fallback},"rules":[${many(49_000, (i) => `{"host":"h${i}.example"}`)}]}`),
  ],
  [
    'certificates of an ingress',
    named(
      ingresses,
      `"spec":{${fallback},"tls":[${many(24_000, (i) => `{"hosts":["h${i}.example"],"secretName":"s"}`)}]}`,
    ),
  ],
  [
    'images of a node',
    node(`"status":{"images":[${many(24_000, (i) => `{"names":["i${i}"],"sizeBytes":${i}}`)}]}`),
  ],
  ['taints', node(`"spec":{"taints":[${many(40_000, (i) => `{"key":"k${i}","effect":"NoSchedule"}`)}]}`)],
  [
    'drivers of a node',
    [
      'POST',
      '/apis/storage.k8s.io/v1/csinodes',
      json,
      `{"metadata":{"name":"i"},"spec":{"drivers":[${many(16_000, (i) => `{"name":"d${i}","nodeID":"n","topologyKeys":["a"]}`)}]}}`,
    ],
  ],
  [
    'volume with affinity',
    [
      'POST',
      '/api/v1/persistentvolumes',
      json,
      `{"metadata":{"generateName":"v"},"spec":{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"hostPath":{"path":"/x"},"nodeAffinity":{"required":{"nodeSelectorTerms":[{"matchExpressions":[${values}]}]}}}}`,
    ],
  ],
  [
    'string data of a secret',
    created('secrets', `{"metadata":{"generateName":"s"},"stringData":{${labels}}}`),
  ],
  [
    'data of a secret',
    created('secrets', `{"metadata":{"generateName":"s"},"data":{${keys((key) => `"${key}":"QUFBQQ=="`)}}}`),
  ],
  [
    'ephemeral containers',
    patchOfPod(
      'ephemeralcontainers',
      `{"spec":{"ephemeralContainers":[${many(40_000, (i) => `{"name":"e${i}","image":"i"}`)}]}}`,
    ),
  ],
  [
    'fewer ephemeral containers',
    patchOfPod(
      'ephemeralcontainers',
      `{"spec":{"ephemeralContainers":[${many(9000, (i) => `{"name":"e${i}","image":"i"}`)}]}}`,
    ),
  ],
  [
    'conditions of a pod',
    patchOfPod(
      'status',
      `{"status":{"conditions":[${many(40_000, (i) => `{"type":"t${i}","status":"True"}`)}]}}`,
    ),
  ],
  [
    'resize of containers',
    patchOfPod(
      'resize',
      `{"spec":{"containers":[${many(3000, (i) => `{"name":"c${i}","resources":{"requests":{"cpu":"1"}}}`)}]}}`,
    ),
  ],
  [
    'eviction',
    ofPod(
      'eviction',
      `{"metadata":{"name":"many"},"deleteOptions":{"dryRun":[${many(130_000, () => '"All"')}]}}`,
    ),
  ],
  [
    'binding',
    ofPod(
      'binding',
      `{"metadata":{"name":"many","annotations":{${labels}}},"target":{"kind":"Node","name":"n"}}`,
    ),
  ],
];
