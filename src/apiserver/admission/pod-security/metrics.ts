/** The metrics of the plugin PodSecurity, under upstream's names. */

import { Counter, type Registry } from 'prom-client';
import { kubernetesVersion } from '#base/version.ts';
import type { AdmissionAttributes } from '../../contract/admission.ts';
import type { LevelVersion } from './checks.ts';

const request = ['request_operation', 'resource', 'subresource'] as const;
const resourceLabels: Readonly<Record<string, string>> = { pods: 'pod', namespaces: 'namespace' };
const ownMinor = minorOf(kubernetesVersion);

export class PodSecurityMetrics {
  readonly #evaluations: Counter;
  readonly #exemptions: Counter;
  readonly #errors: Counter;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#evaluations = new Counter({
      name: 'pod_security_evaluations_total',
      help: 'Evaluations of pod security policies, without those of ignored or exempt requests.',
      labelNames: ['decision', 'policy_level', 'policy_version', 'mode', ...request],
      registers,
    });
    this.#exemptions = new Counter({
      name: 'pod_security_exemptions_total',
      help: 'Requests that were exempt from pod security policies.',
      labelNames: request,
      registers,
    });
    this.#errors = new Counter({
      name: 'pod_security_errors_total',
      help: 'Errors that kept pod security policies from being evaluated as they should be.',
      labelNames: ['fatal', ...request],
      registers,
    });
  }

  evaluated(attributes: AdmissionAttributes, mode: string, policy: LevelVersion, isAllowed: boolean): void {
    this.#evaluations.inc({
      decision: isAllowed ? 'allow' : 'deny',
      policy_level: policy.level,
      policy_version: versionLabel(policy),
      mode,
      ...requestLabels(attributes),
    });
  }

  exempted(attributes: AdmissionAttributes): void {
    this.#exemptions.inc(requestLabels(attributes));
  }

  /** The labels of the namespace could not be read: upstream evaluates on, by the strictest reading. */
  failed(attributes: AdmissionAttributes): void {
    this.#errors.inc({ fatal: 'false', ...requestLabels(attributes) });
  }
}

function requestLabels({ operation, type, subresource }: AdmissionAttributes) {
  const resource = resourceLabels[type.resource] ?? 'controller';
  return { request_operation: operation.toLowerCase(), resource, subresource };
}

function versionLabel({ level, version }: LevelVersion): string {
  if (level === 'privileged' || version === 'latest') return 'latest';
  return minorOf(version) > ownMinor ? 'future' : version;
}

function minorOf(version: string): number {
  return Number(version.split('.')[1]);
}
