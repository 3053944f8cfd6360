/** One request on its way through the server, and the parts of the server that its stages use. */

import type { Readable } from 'node:stream';
import type { UserInfo } from '#api/meta/user.ts';
import type { OpenApi } from '#api/openapi/openapi.ts';
import type { Schema } from '#api/schema/schema.ts';
import type { ApiRequest, ApiResponse } from '#client/transport/transport.ts';
import type {
  Authenticator,
  Authorizer,
  HealthCheck,
  Peer,
  Registry,
  RequestInfo,
} from '../contract/contract.ts';
import type { SharedEncodings } from '../encodings/shared-encodings.ts';
import type { Activity } from '../flowcontrol/activity.ts';
import type { Deadlines } from '../flowcontrol/deadlines.ts';
import type { InFlight } from '../flowcontrol/in-flight.ts';
import type { StorageParts } from '../registry/storage-parts.ts';
import type { LargeYaml, LargeYamlReader } from './large-yaml.ts';
import type { Metrics } from './metrics.ts';
import type { Warnings } from './warnings.ts';

export interface Core extends StorageParts {
  /** Of what is built in. A resource's own types are in the schema of the resource. */
  readonly schema: Schema;
  readonly authenticators: readonly Authenticator[];
  readonly authorizers: readonly Authorizer[];
  readonly inFlight: InFlight;
  readonly encodings: SharedEncodings;
  readonly largeYaml: LargeYamlReader;
  readonly activity: Activity;
  readonly deadlines: Deadlines;
  readonly metrics: Metrics;
  readonly registry: Registry;
  readonly openApi: OpenApi;
  /** Further paths of the server itself, by path. */
  readonly extraPaths: Readonly<Record<string, ExtraPath>>;
  /** Aborts when the server stops: watches end then. */
  readonly stopping: AbortSignal;
  /** What still goes on after the start: why it is not over yet, if so, by the name of its health check. */
  readonly startHooks: Readonly<Record<string, HealthCheck>>;
}

export type ExtraPath = (exchange: Exchange) => Promise<ApiResponse> | ApiResponse;

export interface Exchange {
  readonly core: Core;
  readonly request: ApiRequest;
  /** Puts the body into the request. Absent when it is there already, or there is none to come. */
  readonly receive: (() => undefined | Promise<undefined>) | undefined;
  /** The body as it comes, instead of `receive`. */
  readonly incomingBody: (() => Readable | undefined) | undefined;
  readonly peer: Peer;
  /** A caller inside this process, known already: not authenticated again, not limited. */
  readonly trusted: boolean;
  readonly startedMs: number;
  /** Absent when it may take as long as it likes. */
  timeoutMs: number | undefined;
  readonly auditId: string;
  info: RequestInfo;
  user: UserInfo;
  readonly warnings: Warnings;
  /** The body, where it is YAML and so large that it was read elsewhere. */
  largeYaml?: LargeYaml;
  /** Run when the answer has been given. */
  readonly cleanups: (() => void)[];
}

export function warn(exchange: Exchange, text: string): void {
  exchange.warnings.add(text);
}
