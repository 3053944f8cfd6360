/** One request on its way through the server, and the parts of the server that its stages use. */

import type { Readable } from 'node:stream';
import type { UserInfo } from '#api/meta/user.ts';
import type { OpenApi } from '#api/openapi/openapi.ts';
import type { Schema } from '#api/schema/schema.ts';
import type { Env } from '#base/env.ts';
import type { ApiRequest, ApiResponse } from '#client/transport/transport.ts';
import type { MemoryWatch } from '#host/processes/memory-watch.ts';
import type { Store } from '#store/store.ts';
import type { ObjectCache } from '../cache/object-cache.ts';
import type {
  AdmissionPlugin,
  Authenticator,
  Authorizer,
  HealthCheck,
  ObjectReader,
  Peer,
  Registry,
  RequestInfo,
  SpecialHandler,
} from '../contract/contract.ts';
import type { SharedEncodings } from '../encodings/shared-encodings.ts';
import type { StepQueue } from '../encodings/step-queue.ts';
import type { Activity } from '../flowcontrol/activity.ts';
import type { Deadlines } from '../flowcontrol/deadlines.ts';
import type { InFlight } from '../flowcontrol/in-flight.ts';
import type { Resources } from '../registry/resources.ts';
import type { LargeYaml, LargeYamlReader } from './large-yaml.ts';
import type { Metrics } from './metrics.ts';
import type { Warnings } from './warnings.ts';

export interface Core {
  readonly env: Env;
  /** Of what is built in. A resource's own types are in the schema of the resource. */
  readonly schema: Schema;
  readonly store: Store;
  readonly cache: ObjectCache;
  readonly resources: Resources;
  readonly authenticators: readonly Authenticator[];
  readonly authorizers: readonly Authorizer[];
  readonly admission: readonly AdmissionPlugin[];
  readonly specialHandlers: readonly SpecialHandler[];
  readonly inFlight: InFlight;
  /** Nothing is created while it is short and cannot be regained. */
  readonly memory: Omit<MemoryWatch, 'stop'>;
  /** What is long is done in steps. */
  readonly steps: StepQueue;
  readonly encodings: SharedEncodings;
  readonly largeYaml: LargeYamlReader;
  readonly activity: Activity;
  readonly deadlines: Deadlines;
  readonly metrics: Metrics;
  readonly registry: Registry;
  readonly reader: ObjectReader;
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
