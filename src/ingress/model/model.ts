/**
 * What the proxy is to serve, free of the objects that asked for it and of the program that serves it: listeners, the
 * hosts and paths of their route tables, and the backends that routes lead to.
 */

import type { KubeObject } from '#api/meta/object.ts';

/** The object that a part of the model comes from: it gets the event when the proxy cannot serve that part. */
export type Owner = KubeObject;

export interface ProxyModel {
  readonly listeners: readonly Listener[];
  readonly tables: readonly RouteTable[];
  readonly backends: readonly Backend[];
}

export interface Listener {
  /** Unique; letters, digits and `-_.:`. */
  readonly id: string;
  readonly address: string;
  readonly port: number;
  /** The port that clients connect to, where a Service stands before the listener. */
  readonly publicPort: number;
  /** Served by name; the first is served to clients that name none of them. */
  readonly certificates?: readonly ServedCertificate[];
  /** Id of its route table. */
  readonly table: string;
}

export interface ServedCertificate {
  /** Names of the handshake it is for; `*.example.com` for one label more. Empty: the names in the certificate. */
  readonly names: readonly string[];
  /** Private key and chain. */
  readonly pem: string;
}

export interface RouteTable {
  readonly id: string;
  /** An exact host is preferred to a wildcard, a longer wildcard to a shorter. */
  readonly hosts: readonly HostRoutes[];
  /** A wildcard stands for one label, as those of Ingresses, or for any number of labels, as those of Gateways. */
  readonly wildcards: 'one label' | 'any labels';
}

export interface HostRoutes {
  /** `example.com`, `*.example.com`, or `''` for every other host. Lower case. */
  readonly host: string;
  readonly paths: readonly PathRoutes[];
}

/** `prefix` by elements of the path, `begins` by characters, `regex` from the beginning of the path and case-insensitive. */
export interface PathMatch {
  readonly kind: 'exact' | 'prefix' | 'begins' | 'regex';
  readonly value: string;
}

export interface PathRoutes extends PathMatch {
  /** The first whose conditions hold is taken. When none do, the path matches as if it were not there. */
  readonly routes: readonly Route[];
}

export interface Route {
  readonly conditions: readonly Condition[];
  /** Id of the backend. */
  readonly backend: string;
}

export type Condition =
  | { readonly on: 'header' | 'cookie' | 'query'; readonly name: string; readonly match: TextMatch }
  | { readonly on: 'method'; readonly method: string }
  | { readonly on: 'share'; readonly share: Share };

export type TextMatch =
  | { readonly is: string }
  | { readonly isNot: string }
  | { readonly matches: string }
  | { readonly present: true };

/** Of the requests that reach a split, those counted from `from` (inclusive) to `to` (exclusive) of every `total`. */
export interface Share {
  /** Names the split; the routes of one split share it. */
  readonly split: string;
  readonly from: number;
  readonly to: number;
  readonly total: number;
}

export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

export interface Backend {
  /** Unique and stable while its object lives; letters, digits and `-_.:`. */
  readonly id: string;
  readonly owner: Owner;
  readonly endpoints: readonly Endpoint[];
  readonly protocol: 'http' | 'http2';
  /** The endpoints are reached by TLS. */
  readonly tls?: BackendTls;
  readonly timeouts: Timeouts;
  /** Carried out in order before a request is sent to an endpoint. */
  readonly steps: readonly Step[];
  readonly affinity?: AffinityCookie;
  readonly limits?: ClientLimits;
  readonly users?: readonly BasicUser[];
}

export interface BackendTls {
  /** The name sent in the handshake. */
  readonly serverName?: string;
  /** PEM of the authorities; without it the certificate of the endpoint is not verified. */
  readonly authorities?: string;
}

export interface Timeouts {
  readonly connectMs: number;
  /** Silence of the endpoint while an answer is awaited. */
  readonly serverMs: number;
}

export interface AffinityCookie {
  readonly name: string;
  readonly path?: string;
  readonly maxAgeSeconds?: number;
}

/** By the address of the client. */
export interface ClientLimits {
  readonly requestsPerSecond?: number;
  /** Requests above the rate that are served at once. */
  readonly burst: number;
  readonly connections?: number;
}

export interface BasicUser {
  readonly name: string;
  /** As crypt(3) writes it. */
  readonly hash: string;
}

export type Step =
  | {
      readonly do: 'redirect';
      readonly code: number;
      readonly to: RedirectTarget;
      readonly onlyPlain?: boolean;
    }
  | { readonly do: 'allow sources'; readonly cidrs: readonly string[] }
  | { readonly do: 'authenticate'; readonly realm: string }
  | { readonly do: 'limit body'; readonly bytesMax: number }
  | { readonly do: 'rewrite path'; readonly rewrite: PathRewrite }
  | { readonly do: 'refuse'; readonly status: number }
  | {
      readonly do: 'set header' | 'add header';
      readonly of: 'request' | 'response';
      readonly name: string;
      readonly value: string;
    }
  | { readonly do: 'remove header'; readonly of: 'request' | 'response'; readonly name: string };

/** `url`: a whole location; else the parts that replace those of the request. */
export type RedirectTarget =
  | { readonly url: string }
  | {
      readonly scheme?: 'http' | 'https';
      readonly host?: string;
      readonly port?: number;
      readonly path?: PathRewrite;
    };

export type PathRewrite =
  /** `target` may name captures of `regex` as `$1`. */
  | { readonly regex: string; readonly target: string }
  | { readonly full: string }
  | { readonly prefix: string; readonly by: string };

export const defaultTimeouts: Timeouts = { connectMs: 5_000, serverMs: 60_000 };
