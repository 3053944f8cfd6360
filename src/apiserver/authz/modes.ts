/** The authorizers that `authorization-mode` and its companions name, in their order. */

import type { ApiServerArguments } from '#api/configuration/api-server-arguments.ts';
import type { AuthorizerEntry } from './webhook/configuration.ts';

const modes = ['AlwaysAllow', 'AlwaysDeny', 'ABAC', 'Webhook', 'RBAC', 'Node'] as const;
type Mode = (typeof modes)[number];

const companions = [
  'authorization-mode',
  'authorization-webhook-config-file',
  'authorization-webhook-version',
  'authorization-webhook-cache-authorized-ttl',
  'authorization-webhook-cache-unauthorized-ttl',
] as const;

const authorizedMs = 5 * 60_000;
const unauthorizedMs = 30_000;
const timeoutMs = 30_000;

/** Undefined where none is named. Throws an Error, in upstream's words, for what does not fit together. */
export function authorizersByMode(given: ApiServerArguments): readonly AuthorizerEntry[] | undefined {
  const isSet = companions.some((name) => given[name] !== undefined);
  if (isSet && given['authorization-config'] !== undefined) {
    throw new Error(
      '--authorization-config can not be specified when --authorization-mode or --authorization-webhook-* flags are defined',
    );
  }
  const wanted = given['authorization-mode'];
  mustFit(given, wanted ?? []);
  return wanted?.map((mode) => entryOf(mode as Mode, given));
}

function mustFit(given: ApiServerArguments, wanted: readonly string[]): void {
  const { 'authorization-policy-file': policies, 'authorization-webhook-config-file': webhook } = given;
  const unknown = wanted.find((mode) => !modes.some((known) => known === mode));
  if (unknown !== undefined) {
    throw new Error(`authorization-mode ${JSON.stringify(unknown)} is not a valid mode`);
  }
  if (wanted.includes('ABAC') && !policies) {
    throw new Error("authorization-mode ABAC's authorization policy file not passed");
  }
  if (wanted.includes('Webhook') && !webhook) {
    throw new Error("authorization-mode Webhook's authorization config file not passed");
  }
  if (policies && !wanted.includes('ABAC')) {
    throw new Error('cannot specify --authorization-policy-file without mode ABAC');
  }
  if (webhook && !wanted.includes('Webhook')) {
    throw new Error('cannot specify --authorization-webhook-config-file without mode Webhook');
  }
  if (new Set(wanted).size < wanted.length) {
    const list = wanted.map((mode) => JSON.stringify(mode)).join(' ');
    throw new Error(`authorization-mode [${list}] has mode specified more than once`);
  }
}

function entryOf(mode: Mode, given: ApiServerArguments): AuthorizerEntry {
  const name = mode.toLowerCase();
  if (mode === 'ABAC') return { type: mode, name, policyFile: given['authorization-policy-file'] ?? '' };
  if (mode !== 'Webhook') return { type: mode, name };
  return {
    type: mode,
    name: 'default',
    webhook: {
      name: 'default',
      kubeConfigFile: given['authorization-webhook-config-file'] ?? '',
      timeoutMs,
      authorizedMs: given['authorization-webhook-cache-authorized-ttl'] ?? authorizedMs,
      unauthorizedMs: given['authorization-webhook-cache-unauthorized-ttl'] ?? unauthorizedMs,
      failureDecision: 'noOpinion',
      version: given['authorization-webhook-version'] ?? 'v1beta1',
      conditions: [],
    },
  };
}
