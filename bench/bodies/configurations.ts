/** Network policies, ingresses, devices and quotas that are expensive to validate or to follow later. */

import { type Body, json, keys, many } from './body.ts';

const named = (path: string, spec: string): Body => [
  'POST',
  path,
  json,
  `{"metadata":{"generateName":"n"},"spec":{${spec}}}`,
];
const devices = '/apis/resource.k8s.io/v1/namespaces/default/resourceclaims';
const ingresses = '/apis/networking.k8s.io/v1/namespaces/default/ingresses';
const networkPolicies = '/apis/networking.k8s.io/v1/namespaces/default/networkpolicies';

export const configurationsBodies: readonly (readonly [what: string, body: Body])[] = [
  [
    'network policy with peers',
    named(
      networkPolicies,
      `"podSelector":{},"ingress":[{"from":[${many(20_000, (i) => `{"ipBlock":{"cidr":"10.${i >> 8}.${i & 255}.0/24"}}`)}]}]`,
    ),
  ],
  [
    'network policy with exceptions',
    named(
      networkPolicies,
      `"podSelector":{},"ingress":[{"from":[{"ipBlock":{"cidr":"10.0.0.0/8","except":[${many(100_000, (i) => `"10.${i >> 16}.${(i >> 8) & 255}.${i & 255}/32"`)}]}}]}]`,
    ),
  ],
  [
    'network policy with ports',
    named(
      networkPolicies,
      `"podSelector":{},"egress":[{"ports":[${many(49_000, (i) => `{"port":${(i % 65_000) + 1}}`)}]}]`,
    ),
  ],
  [
    'network policy with a selector',
    named(
      networkPolicies,
      `"podSelector":{"matchExpressions":[{"key":"k","operator":"In","values":[${many(200_000, (i) => `"v${i}"`)}]}]}`,
    ),
  ],
  [
    'ingress with paths',
    named(
      ingresses,
      `"rules":[{"host":"h.example","http":{"paths":[${many(12_000, (i) => `{"path":"/p${i}","pathType":"Prefix","backend":{"service":{"name":"s","port":{"number":80}}}}`)}]}}]`,
    ),
  ],
  [
    'claim with requests',
    named(
      devices,
      `"devices":{"requests":[${many(8000, (i) => `{"name":"r${i}","exactly":{"deviceClassName":"c","selectors":[{"cel":{"expression":"device.driver == 'd${i}'"}}]}}`)}]}`,
    ),
  ],
  [
    'claim with selectors',
    named(
      devices,
      `"devices":{"requests":[{"name":"r","exactly":{"deviceClassName":"c","selectors":[${many(16_000, (i) => `{"cel":{"expression":"device.driver == 'd${i}'"}}`)}]}}]}`,
    ),
  ],
  [
    'claim with alternatives',
    named(
      devices,
      `"devices":{"requests":[{"name":"r","firstAvailable":[${many(24_000, (i) => `{"name":"r${i}","deviceClassName":"c"}`)}]}]}`,
    ),
  ],
  [
    'device class with selectors',
    [
      'POST',
      '/apis/resource.k8s.io/v1/deviceclasses',
      json,
      `{"metadata":{"generateName":"d"},"spec":{"selectors":[${many(16_000, (i) => `{"cel":{"expression":"device.driver == 'd${i}'"}}`)}]}}`,
    ],
  ],
  [
    'slice with devices',
    [
      'POST',
      '/apis/resource.k8s.io/v1/resourceslices',
      json,
      `{"metadata":{"generateName":"s"},"spec":{"driver":"d.example","nodeName":"n","pool":{"name":"p","generation":1,"resourceSliceCount":1},"devices":[${many(10_000, (i) => `{"name":"d${i}","attributes":{"a":{"string":"${i}"}}}`)}]}}`,
    ],
  ],
  [
    'slice with taints',
    [
      'POST',
      '/apis/resource.k8s.io/v1/resourceslices',
      json,
      `{"metadata":{"generateName":"s"},"spec":{"driver":"d.example","nodeName":"n","pool":{"name":"p","generation":1,"resourceSliceCount":1},"devices":[{"name":"d","taints":[${many(40_000, (i) => `{"key":"k${i}","value":"v","effect":"${i}"}`)}]}]}}`,
    ],
  ],
  [
    'quota of many resources',
    [
      'POST',
      '/api/v1/namespaces/default/resourcequotas',
      json,
      `{"metadata":{"generateName":"q"},"spec":{"hard":{${keys((key) => `"count/${key}.x":"1"`)}}}}`,
    ],
  ],
];
