/** Every object that a new cluster is born with, in the order in which they are to be made. */

import type {
  ClusterRole,
  ConfigMap,
  EndpointSlice,
  Endpoints,
  Namespace,
  PriorityClass,
  Service,
} from '#api/generated/types.gen.ts';
import type { AnyObject, KubeObject } from '#api/meta/object.ts';
import { systemPriorities } from '#api/pods/system-priority.ts';
import { addressIn, parseAddressRange } from '#api/values/address-range.ts';
import { clusterRole } from '../authz/rule.ts';
import { defaultClusterRoleBindings, defaultRoleBindings, defaultRoles } from './bindings.ts';
import { controllerRules } from './controller-roles.ts';
import { systemRoles } from './system-roles.ts';
import { userRoles } from './user-roles.ts';

export interface BootstrapOptions {
  /** Address and port by which pods reach the API server through the `kubernetes` service. */
  readonly advertiseAddress: string;
  readonly securePort: number;
  /** Of the `kubernetes` service. Default: none. */
  readonly nodePort?: number | undefined;
  /** The `kubernetes` service gets no endpoint. */
  readonly hasNoEndpoints?: boolean;
  /** One for each address family, the primary family first. Default `10.96.0.0/16`. */
  readonly serviceCidr?: string;
  /** What extension API servers need to trust: the client authority and the front proxy's. */
  readonly clients?: { readonly caPem: string };
  readonly frontProxy?: FrontProxyFacts;
}

/** By what extension API servers know the proxy in front of them. */
export interface FrontProxyFacts {
  readonly caPem: string;
  readonly allowedNames: readonly string[];
  readonly username: readonly string[];
  readonly uid: readonly string[];
  readonly group: readonly string[];
  readonly extraPrefix: readonly string[];
}

export const defaultServiceCidr = '10.96.0.0/16';
const systemNamespaces = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];

export function kubernetesServiceAddress(serviceCidr = defaultServiceCidr): string {
  return addressIn(parseAddressRange(serviceCidr.split(',')[0]!)!, 1);
}

export function bootstrapObjects(options: BootstrapOptions): readonly KubeObject[] {
  return [
    ...systemNamespaces.map(namespace),
    ...defaultClusterRoles(),
    ...defaultClusterRoleBindings,
    ...defaultRoles,
    ...defaultRoleBindings,
    ...priorityClasses,
    authenticationConfig(options),
    kubernetesService(options),
    // A server that only this machine reaches has no address that an endpoint may have.
    ...(options.hasNoEndpoints || isLoopback(options.advertiseAddress)
      ? []
      : [kubernetesEndpoints(options), kubernetesEndpointSlice(options)]),
  ];
}

function defaultClusterRoles(): ClusterRole[] {
  const controllers = Object.entries(controllerRules).map(([name, rules]) =>
    clusterRole(`system:controller:${name}`, rules),
  );
  return [...userRoles, ...systemRoles, ...controllers];
}

function namespace(name: string): Namespace {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
}

const priorityClasses: readonly PriorityClass[] = [
  priorityClass(
    'system-cluster-critical',
    systemPriorities['system-cluster-critical'],
    'For pods the cluster cannot do without; they may move.',
  ),
  priorityClass(
    'system-node-critical',
    systemPriorities['system-node-critical'],
    'For pods a node cannot do without; they must not move.',
  ),
];

function priorityClass(name: string, value: number, description: string): PriorityClass {
  return {
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name },
    value,
    description,
    preemptionPolicy: 'PreemptLowerPriority',
  };
}

export function authenticationConfig(options: BootstrapOptions): ConfigMap {
  const { clients, frontProxy } = options;
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'extension-apiserver-authentication', namespace: 'kube-system' },
    data: {
      ...(clients ? { 'client-ca-file': clients.caPem } : {}),
      ...(frontProxy
        ? {
            'requestheader-allowed-names': JSON.stringify(frontProxy.allowedNames),
            'requestheader-client-ca-file': frontProxy.caPem,
            'requestheader-extra-headers-prefix': JSON.stringify(frontProxy.extraPrefix),
            'requestheader-group-headers': JSON.stringify(frontProxy.group),
            'requestheader-uid-headers': JSON.stringify(frontProxy.uid),
            'requestheader-username-headers': JSON.stringify(frontProxy.username),
          }
        : {}),
    },
  };
}

const inDefault = { name: 'kubernetes', namespace: 'default' };

function kubernetesService(options: BootstrapOptions): Service {
  const address = kubernetesServiceAddress(options.serviceCidr);
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { ...inDefault, labels: { component: 'apiserver', provider: 'kubernetes' } },
    spec: {
      type: options.nodePort ? 'NodePort' : 'ClusterIP',
      clusterIP: address,
      clusterIPs: [address],
      ipFamilies: [address.includes(':') ? 'IPv6' : 'IPv4'],
      ipFamilyPolicy: 'SingleStack',
      sessionAffinity: 'None',
      ports: [
        {
          name: 'https',
          protocol: 'TCP',
          port: 443,
          targetPort: options.securePort,
          ...(options.nodePort ? { nodePort: options.nodePort } : {}),
        },
      ],
    },
  };
}

function kubernetesEndpoints(options: BootstrapOptions): Endpoints {
  return {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { ...inDefault, labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } },
    subsets: [
      {
        addresses: [{ ip: options.advertiseAddress }],
        ports: [{ name: 'https', port: options.securePort, protocol: 'TCP' }],
      },
    ],
  };
}

function kubernetesEndpointSlice(options: BootstrapOptions): EndpointSlice {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { ...inDefault, labels: { 'kubernetes.io/service-name': 'kubernetes' } },
    addressType: options.advertiseAddress.includes(':') ? 'IPv6' : 'IPv4',
    endpoints: [{ addresses: [options.advertiseAddress], conditions: { ready: true } }],
    ports: [{ name: 'https', port: options.securePort, protocol: 'TCP' }],
  };
}

function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}

/** The object's identity within its kind. */
export function keyOf(object: KubeObject | AnyObject): { namespace?: string; name: string } {
  const { namespace: inNamespace, name = '' } = object.metadata ?? {};
  return inNamespace === undefined ? { name } : { namespace: inNamespace, name };
}
