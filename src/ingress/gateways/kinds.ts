/** The kinds of the Gateway API that are served, with the fields that decide. */

import type { KubeObject } from '#api/meta/object.ts';
import { type ResourceType, resourceType } from '#api/meta/resource.ts';

export const gatewayGroup = 'gateway.networking.k8s.io';
export const controllerName = 'kybern.io/gateway-controller';

export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
  readonly observedGeneration?: number;
  readonly lastTransitionTime?: string;
}

export interface GatewayClass extends KubeObject {
  spec: { controllerName: string };
  status?: { conditions?: Condition[] };
}

export interface SecretReference {
  readonly group?: string;
  readonly kind?: string;
  readonly name: string;
  readonly namespace?: string;
}

export interface ListenerSpec {
  readonly name: string;
  readonly hostname?: string;
  readonly port: number;
  readonly protocol: string;
  readonly tls?: { readonly mode?: string; readonly certificateRefs?: readonly SecretReference[] };
  readonly allowedRoutes?: {
    readonly namespaces?: {
      readonly from?: string;
      readonly selector?: {
        matchLabels?: Record<string, string>;
        matchExpressions?: { key: string; operator: string; values?: string[] }[];
      };
    };
    readonly kinds?: readonly { readonly group?: string; readonly kind: string }[];
  };
}

export interface ListenerStatus {
  readonly name: string;
  readonly supportedKinds: readonly { readonly group: string; readonly kind: string }[];
  readonly attachedRoutes: number;
  readonly conditions: readonly Condition[];
}

export interface Gateway extends KubeObject {
  spec: { gatewayClassName: string; listeners: ListenerSpec[] };
  status?: {
    addresses?: { type: string; value: string }[];
    conditions?: Condition[];
    listeners?: ListenerStatus[];
  };
}

export interface ParentReference {
  readonly group?: string;
  readonly kind?: string;
  readonly namespace?: string;
  readonly name: string;
  readonly sectionName?: string;
  readonly port?: number;
}

export interface RouteParentStatus {
  readonly parentRef: ParentReference;
  readonly controllerName: string;
  readonly conditions: readonly Condition[];
}

export interface HeaderValue {
  readonly name: string;
  readonly value: string;
}

export interface HeaderFilter {
  readonly set?: readonly HeaderValue[];
  readonly add?: readonly HeaderValue[];
  readonly remove?: readonly string[];
}

export interface PathModifier {
  readonly type: string;
  readonly replaceFullPath?: string;
  readonly replacePrefixMatch?: string;
}

export interface RouteFilter {
  readonly type: string;
  readonly requestHeaderModifier?: HeaderFilter;
  readonly responseHeaderModifier?: HeaderFilter;
  readonly requestRedirect?: {
    readonly scheme?: string;
    readonly hostname?: string;
    readonly path?: PathModifier;
    readonly port?: number;
    readonly statusCode?: number;
  };
  readonly urlRewrite?: { readonly hostname?: string; readonly path?: PathModifier };
}

export interface BackendReference {
  readonly group?: string;
  readonly kind?: string;
  readonly name: string;
  readonly namespace?: string;
  readonly port?: number;
  readonly weight?: number;
  readonly filters?: readonly RouteFilter[];
}

export interface NamedMatch {
  readonly type?: string;
  readonly name: string;
  readonly value: string;
}

export interface HttpMatch {
  readonly path?: { readonly type?: string; readonly value?: string };
  readonly headers?: readonly NamedMatch[];
  readonly queryParams?: readonly NamedMatch[];
  readonly method?: string;
}

export interface HttpRule {
  readonly matches?: readonly HttpMatch[];
  readonly filters?: readonly RouteFilter[];
  readonly backendRefs?: readonly BackendReference[];
  readonly timeouts?: { readonly request?: string; readonly backendRequest?: string };
}

/** What HTTPRoutes and GRPCRoutes have in common. */
export interface Route extends KubeObject {
  spec: { parentRefs?: ParentReference[]; hostnames?: string[] };
  status?: { parents?: RouteParentStatus[] };
}

export interface HttpRoute extends Route {
  spec: { parentRefs?: ParentReference[]; hostnames?: string[]; rules?: HttpRule[] };
}

export interface GrpcRule {
  readonly matches?: readonly {
    readonly method?: { readonly type?: string; readonly service?: string; readonly method?: string };
    readonly headers?: readonly NamedMatch[];
  }[];
  readonly filters?: readonly RouteFilter[];
  readonly backendRefs?: readonly BackendReference[];
}

export interface GrpcRoute extends Route {
  spec: { parentRefs?: ParentReference[]; hostnames?: string[]; rules?: GrpcRule[] };
}

export interface ReferenceGrant extends KubeObject {
  spec: {
    from: { group: string; kind: string; namespace: string }[];
    to: { group: string; kind: string; name?: string }[];
  };
}

const define = <T extends KubeObject>(version: string, resource: string, kind: string, namespaced = true) =>
  resourceType<T>(gatewayGroup, version, resource, kind, namespaced);

export const gatewayClasses: ResourceType<GatewayClass> = define(
  'v1',
  'gatewayclasses',
  'GatewayClass',
  false,
);
export const gateways: ResourceType<Gateway> = define('v1', 'gateways', 'Gateway');
export const httpRoutes: ResourceType<HttpRoute> = define('v1', 'httproutes', 'HTTPRoute');
export const grpcRoutes: ResourceType<GrpcRoute> = define('v1', 'grpcroutes', 'GRPCRoute');
export const referenceGrants: ResourceType<ReferenceGrant> = define(
  'v1beta1',
  'referencegrants',
  'ReferenceGrant',
);
