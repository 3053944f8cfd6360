/**
 * The stages of a request in order, the outermost first: the filters of upstream's DefaultBuildHandlerChain.
 * HTTP requests, connections that change their protocol, and calls inside this process all pass them.
 *
 * What follows `dispatch` for a write is listed in `apiserver/storage/write/chain/write-chain.ts`.
 */

import type { FeatureGates } from '#api/configuration/feature-gates.ts';
import type { Clock } from '#base/clock.ts';
import type { Random } from '#base/random.ts';
import type { Auditing } from '../audit/auditing.ts';
import type { Authenticator } from '../contract/authentication.ts';
import type { Authorizer } from '../contract/authorization.ts';
import type { Deadlines } from '../flowcontrol/deadlines.ts';
import type { FlowControl } from '../flowcontrol/flow-control.ts';
import type { Shutdown } from '../flowcontrol/shutdown/shutdown.ts';
import type { LargeYamlReader } from '../request/large-yaml.ts';
import type { Metrics } from '../request/metrics.ts';
import type { RequestSettings } from '../request/request-settings.ts';
import { audit } from './access/audit.ts';
import { authentication } from './access/authentication.ts';
import { authorization } from './access/authorization.ts';
import { cors } from './access/cors.ts';
import { impersonation } from './access/impersonation.ts';
import { maxInFlight } from './access/max-in-flight.ts';
import { priorityAndFairness } from './access/priority-and-fairness.ts';
import { auditInit } from './answer/audit-init.ts';
import { cacheControl } from './answer/cache-control.ts';
import { deadline } from './answer/deadline.ts';
import { goaway } from './answer/goaway.ts';
import { requestMetrics } from './answer/metrics.ts';
import { panicRecovery } from './answer/panic-recovery.ts';
import { retryAfter } from './answer/retry-after.ts';
import { strictTransportSecurity } from './answer/strict-transport-security.ts';
import { waitGroup } from './answer/wait-group.ts';
import { warnings } from './answer/warnings.ts';
import { body } from './body.ts';
import { type DispatchParts, dispatch } from './dispatch.ts';
import { requestInfo } from './request-info.ts';
import { rootPath } from './root-path.ts';
import type { Stage } from './stage.ts';

export interface ChainParts extends DispatchParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly settings: RequestSettings;
  readonly metrics: Metrics;
  readonly shutdown: Shutdown;
  readonly deadlines: Deadlines;
  readonly authenticators: readonly Authenticator[];
  /** Absent: nothing is audited. */
  readonly audit: Auditing | undefined;
  readonly authorizers: readonly Authorizer[];
  readonly flowControl: FlowControl;
  readonly largeYaml: LargeYamlReader;
  readonly featureGates?: FeatureGates;
}

export function handlerChain(parts: ChainParts): readonly Stage[] {
  const { shutdown, settings, flowControl } = parts;
  return [
    auditInit,
    panicRecovery,
    requestInfo,
    requestMetrics(parts.metrics),
    ...(shutdown.options.sendsRetryAfter ? [retryAfter(shutdown)] : []),
    ...(settings.strictTransport.length > 0 ? [strictTransportSecurity(settings.strictTransport)] : []),
    cacheControl,
    ...(settings.goawayChance > 0 ? [goaway(settings.goawayChance, parts.random)] : []),
    waitGroup(shutdown),
    deadline(parts.deadlines, parts.clock, settings.timeoutMs),
    warnings,
    ...(settings.allowedOrigins.length > 0 ? [cors(settings.allowedOrigins)] : []),
    authentication(parts.authenticators, parts.metrics.access, settings.isFair ? flowControl : undefined),
    audit(parts.audit),
    impersonation(parts.authorizers, parts.featureGates),
    settings.isFair ? priorityAndFairness(flowControl) : maxInFlight(settings, flowControl.readWrite),
    authorization(parts.authorizers, parts.metrics.access),
    rootPath,
    body(parts.largeYaml, parts.extensions),
    dispatch(parts),
  ];
}
