/** Validation of network policies: ports, peers, and IP blocks with exceptions. */

import type {
  IPBlock,
  NetworkPolicyPeer,
  NetworkPolicyPort,
  NetworkPolicySpec,
} from '../../generated/types.gen.ts';
import { validateLabelSelector } from '../../selectors/validation.ts';
import { checkOneOfIfGiven } from '../../validation/field-checks.ts';
import {
  type FieldError,
  forbiddenField,
  invalidValue,
  notSupported,
  required,
} from '../../validation/field-error.ts';
import { checkCidr } from '../../validation/ip-checks.ts';
import { portName, portNumber } from '../../validation/validators.ts';
import { type IpRange, parseCidr } from '../../values/ip.ts';

const protocols = ['TCP', 'UDP', 'SCTP'];

/** `old`: its ranges may stay, in whatever form. */
export function validateNetworkPolicySpec(spec: NetworkPolicySpec, old?: NetworkPolicySpec): FieldError[] {
  const kept = rangesOf(old);
  const errors = validateLabelSelector(spec.podSelector, 'spec.podSelector');
  for (const [i, rule] of (spec.ingress ?? []).entries()) {
    errors.push(...validateRule(rule.ports, rule.from, 'from', `spec.ingress[${i}]`, kept));
  }
  for (const [i, rule] of (spec.egress ?? []).entries()) {
    errors.push(...validateRule(rule.ports, rule.to, 'to', `spec.egress[${i}]`, kept));
  }
  const types = spec.policyTypes ?? [];
  if (types.length > 2) {
    const text = 'may not specify more than two policyTypes';
    return [...errors, invalidValue('spec.policyTypes', types, text)];
  }
  for (const [i, type] of types.entries()) {
    if (type === 'Ingress' || type === 'Egress') continue;
    errors.push(notSupported(`spec.policyTypes[${i}]`, type, ['Ingress', 'Egress']));
  }
  return errors;
}

function validateRule(
  ports: NetworkPolicyPort[] | undefined,
  peers: NetworkPolicyPeer[] | undefined,
  peersKey: string,
  path: string,
  kept: readonly string[],
): FieldError[] {
  return [
    ...(ports ?? []).flatMap((port, i) => validatePort(port, `${path}.ports[${i}]`)),
    ...(peers ?? []).flatMap((peer, i) => validatePeer(peer, `${path}.${peersKey}[${i}]`, kept)),
  ];
}

function validatePort({ protocol, port, endPort }: NetworkPolicyPort, path: string): FieldError[] {
  const errors = checkOneOfIfGiven(`${path}.protocol`, protocol, protocols);
  const say = (key: string, value: unknown, text: string) =>
    errors.push(invalidValue(`${path}.${key}`, value, text));
  if (typeof port === 'number') {
    for (const text of portNumber(port)) say('port', port, text);
    if (endPort !== undefined && endPort < port) {
      // As upstream, which shows the first port of the range.
      say('endPort', port, 'must be greater than or equal to `port`');
    }
    if (endPort !== undefined) for (const text of portNumber(endPort)) say('endPort', endPort, text);
  } else if (port === undefined) {
    if (endPort !== undefined) say('endPort', endPort, 'may not be specified when `port` is not specified');
  } else {
    if (endPort !== undefined) say('endPort', endPort, 'may not be specified when `port` is non-numeric');
    for (const text of portName(port)) say('port', port, text);
  }
  return errors;
}

function validatePeer(peer: NetworkPolicyPeer, path: string, kept: readonly string[]): FieldError[] {
  const { podSelector, namespaceSelector, ipBlock } = peer;
  const errors = [
    ...validateLabelSelector(podSelector, `${path}.podSelector`),
    ...validateLabelSelector(namespaceSelector, `${path}.namespaceSelector`),
    ...(ipBlock ? validateBlock(ipBlock, `${path}.ipBlock`, kept) : []),
  ];
  if (!podSelector && !namespaceSelector && !ipBlock) errors.push(required(path, 'must specify a peer'));
  else if (ipBlock && (podSelector || namespaceSelector)) {
    errors.push(forbiddenField(path, 'may not specify both ipBlock and another peer'));
  }
  return errors;
}

function rangesOf(spec: NetworkPolicySpec | undefined): string[] {
  const peers = [
    ...(spec?.ingress ?? []).flatMap((rule) => rule.from ?? []),
    ...(spec?.egress ?? []).flatMap((rule) => rule.to ?? []),
  ];
  return peers.flatMap(({ ipBlock }) => (ipBlock ? [ipBlock.cidr, ...(ipBlock.except ?? [])] : []));
}

function validateBlock(block: IPBlock, path: string, kept: readonly string[]): FieldError[] {
  if (!block.cidr) return [required(`${path}.cidr`)];
  const errors = checkCidr(`${path}.cidr`, block.cidr, kept);
  const whole = parseCidr(block.cidr);
  if (!whole) return errors;
  for (const [i, text] of (block.except ?? []).entries()) {
    const at = `${path}.except[${i}]`;
    errors.push(...checkCidr(at, text, kept));
    const hole = parseCidr(text);
    if (!hole || isInside(hole, whole)) continue;
    errors.push(invalidValue(at, text, 'must be a strict subset of `cidr`'));
  }
  return errors;
}

function isInside(hole: IpRange, whole: IpRange): boolean {
  if (hole.ip.family !== whole.ip.family || hole.prefixBits <= whole.prefixBits) return false;
  const bits = ({ ip }: IpRange) => ip.bytes.map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return bits(hole).slice(0, whole.prefixBits) === bits(whole).slice(0, whole.prefixBits);
}
