/** Maps the claims of a verified token to a user, by the mappings and rules of its issuer. */

import type { CelProgram } from '#api/cel/contract.ts';
import { nativeValue } from '#api/cel/values/native.ts';
import type { Value } from '#api/cel/values/value.ts';
import type { UserInfo } from '#api/meta/user.ts';
import { isJsonObject, type JsonObject } from '#wire/json/value.ts';
import { BadToken } from '../../contract/authentication.ts';
import type { CompiledIssuer, CompiledRule } from './validate.ts';

type Claims = JsonObject;

/** Throws `BadToken`. */
export function userOfClaims(issuer: CompiledIssuer, claims: Claims): UserInfo {
  const uid = uidOf(issuer, claims);
  const user = { name: usernameOf(issuer, claims), groups: groupsOf(issuer, claims) ?? [] };
  const extra = extraOf(issuer, claims);
  mustHaveRequired(issuer, claims);
  const what = 'claim validation expression';
  check(issuer.claimRules, { claims }, what);
  const found = {
    ...user,
    ...(uid === '' ? {} : { uid }),
    ...(Object.keys(extra).length > 0 ? { extra } : {}),
  };
  const shown = { username: user.name, uid, groups: user.groups, extra };
  check(issuer.userRules, { user: shown }, 'user info validation rule');
  return found;
}

function usernameOf({ username, configured }: CompiledIssuer, claims: Claims): string {
  if (username) {
    const name = evaluated(username, { claims }, 'username claim expression');
    if (typeof name !== 'string') {
      throw bad('error evaluating username claim expression: username claim expression must return a string');
    }
    if (name === '') throw bad('empty username via CEL expression is not allowed');
    return name;
  }
  const { claim, prefix = '' } = configured.claimMappings.username;
  const name = textClaim(claims, claim, `parse username claims ${JSON.stringify(claim)}: `);
  if (claim === 'email' && Object.hasOwn(claims, 'email_verified')) {
    const isVerified = claims['email_verified'];
    if (typeof isVerified !== 'boolean') {
      throw bad(`parse 'email_verified' claim: ${cannotUnmarshal(isVerified, 'bool')}`);
    }
    if (!isVerified) throw bad('email not verified');
  }
  return prefix + name;
}

function groupsOf({ groups, configured }: CompiledIssuer, claims: Claims): readonly string[] | undefined {
  const { claim, prefix = '' } = configured.claimMappings.groups;
  if (claim !== '' && Object.hasOwn(claims, claim)) {
    const value = claims[claim];
    const names = Array.isArray(value) ? value : [value];
    const wrong = names.find((name) => typeof name !== 'string');
    if (wrong !== undefined) {
      throw bad(`parse groups claim ${JSON.stringify(claim)}: ${cannotUnmarshal(value, 'string')}`);
    }
    return names.map((name) => `${prefix}${String(name)}`);
  }
  if (!groups) return undefined;
  const what = 'group claim expression';
  return textsOf(evaluated(groups, { claims }, what), `error evaluating ${what}`);
}

function uidOf({ uid, configured }: CompiledIssuer, claims: Claims): string {
  const { claim } = configured.claimMappings.uid;
  if (claim !== '') return textClaim(claims, claim, `parse uid claim ${JSON.stringify(claim)}: `);
  if (!uid) return '';
  const value = evaluated(uid, { claims }, 'uid claim expression');
  if (typeof value === 'string') return value;
  throw bad('error evaluating uid claim expression: uid claim expression must return a string');
}

function extraOf({ extra }: CompiledIssuer, claims: Claims): Record<string, readonly string[]> {
  const found: Record<string, readonly string[]> = {};
  const { jti } = claims;
  if (typeof jti === 'string' && jti !== '') {
    found['authentication.kubernetes.io/credential-id'] = [`JTI=${jti}`];
  }
  for (const { key, program } of extra) {
    const value = evaluated(program, { claims });
    const values = textsOf(value, `error evaluating extra claim expression: ${program.expression}`);
    if (values) found[key] = values;
  }
  return found;
}

function mustHaveRequired({ configured }: CompiledIssuer, claims: Claims): void {
  for (const { claim, requiredValue } of configured.claimValidationRules) {
    if (claim === '') continue;
    if (!Object.hasOwn(claims, claim)) throw bad(`required claim ${claim} not present in ID token`);
    const value = textClaim(claims, claim, `parse claim ${claim}: `);
    if (value !== requiredValue) {
      throw bad(`required claim ${claim} value does not match. Got = ${value}, want = ${requiredValue}`);
    }
  }
}

function check(
  rules: readonly CompiledRule[],
  bindings: Readonly<Record<string, unknown>>,
  what: string,
): void {
  const results = rules.map(({ program }) => evaluated(program, bindings, what));
  for (const [index, result] of results.entries()) {
    if (result === true) continue;
    const { program, message } = rules[index]!;
    throw bad(`error evaluating ${what}: validation expression '${program.expression}' failed: ${message}`);
  }
}

/** `what`: the use of the expression in messages; absent where upstream's message has none. */
function evaluated(program: CelProgram, bindings: Readonly<Record<string, unknown>>, what?: string): unknown {
  const result = program.evaluate(bindings);
  if (result.ok) return nativeValue(result.value as Value);
  const why = `expression '${program.expression}' resulted in error: ${result.error}`;
  throw what === undefined ? new BadToken(why) : bad(`error evaluating ${what}: ${why}`);
}

/** Empty strings are left out; undefined if nothing is left. */
function textsOf(value: unknown, where: string): readonly string[] | undefined {
  const values = value === null ? [] : [value].flat();
  if (!values.every((item) => typeof item === 'string')) {
    throw bad(`${where}: expression must return a string or a list of strings`);
  }
  const texts = values.filter((text) => text !== '');
  return texts.length > 0 ? texts : undefined;
}

function textClaim(claims: Claims, name: string, where: string): string {
  if (!Object.hasOwn(claims, name)) throw bad(`${where}claim not present`);
  const value = claims[name];
  if (typeof value === 'string') return value;
  // As Go decodes null into a string.
  if (value === null) return '';
  throw bad(where + cannotUnmarshal(value, 'string'));
}

function cannotUnmarshal(value: unknown, into: string): string {
  const kind = Array.isArray(value) ? 'array' : isJsonObject(value) ? 'object' : typeof value;
  return `json: cannot unmarshal ${kind === 'boolean' ? 'bool' : kind} into Go value of type ${into}`;
}

function bad(what: string): BadToken {
  return new BadToken(`oidc: ${what}`);
}
