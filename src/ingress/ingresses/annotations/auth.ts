/** `auth-type: basic` with the users of a Secret: a file of htpasswd in `auth`, or (`auth-map`) a key for each user. */

import type { Secret } from '#api/generated/types.gen.ts';
import type { BasicUser } from '../../model/model.ts';
import { Unservable } from '../../objects/certificate.ts';
import type { PolicyPart } from './policy.ts';
import type { AnnotationReader } from './reader.ts';

export interface SecretSource {
  secret(namespace: string, name: string): Secret | undefined;
}

const usualRealm = 'Authentication Required';

export function auth(read: AnnotationReader, namespace: string, source: SecretSource): PolicyPart {
  const type = read.text('auth-type');
  if (type === undefined) return {};
  if (type !== 'basic') throw read.bad('auth-type', 'must be basic');
  const users = usersOf(read, namespace, source);
  return { users, checks: [{ do: 'authenticate', realm: read.text('auth-realm') ?? usualRealm }] };
}

function usersOf(read: AnnotationReader, own: string, source: SecretSource): BasicUser[] {
  const reference = read.text('auth-secret');
  if (reference === undefined) throw read.bad('auth-secret', 'is required by auth-type');
  const [namespace, name] = reference.includes('/')
    ? (reference.split('/') as [string, string])
    : [own, reference];
  if (namespace !== own) throw read.bad('auth-secret', "must name a Secret of the Ingress's namespace");
  const secret = source.secret(namespace, name);
  if (!secret) throw new Unservable(`Secret ${namespace}/${name} of auth-secret does not exist`);
  return read.text('auth-secret-type') === 'auth-map' ? usersByKey(secret) : usersInFile(secret);
}

function usersByKey(secret: Secret): BasicUser[] {
  return Object.entries(secret.data ?? {}).map(([name, value]) => user(secret, name, decoded(value).trim()));
}

function usersInFile(secret: Secret): BasicUser[] {
  const text = decoded(secret.data?.['auth']);
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '' && !line.startsWith('#'));
  if (lines.length === 0) throw problem(secret, 'has no users in the key auth');
  return lines.map((line) => {
    const [name = '', hash = ''] = line.trim().split(':');
    return user(secret, name, hash);
  });
}

/** What crypt(3) verifies. Apache's own forms, `$apr1$` and `{SHA}`, it does not. */
const verifiedHash = /^\$(1|2[aby]|5|6|y)\$./;
const verifiedForms = 'bcrypt (htpasswd -B), SHA-512, SHA-256, yescrypt, MD5 ($1$)';

/** The proxy verifies a password at each request, in the thread that serves others too. */
const roundsMax = 10_000;
const bcryptCostMax = 10;

function isCostly(hash: string): boolean {
  const rounds = /^\$[56]\$rounds=(\d+)/.exec(hash)?.[1];
  const cost = /^\$2[aby]\$(\d+)/.exec(hash)?.[1];
  if (Number(rounds ?? 0) > roundsMax || Number(cost ?? 0) > bcryptCostMax) return true;
  // The parameter that mkpasswd takes by default, and cheaper ones.
  return hash.startsWith('$y$') && !/^\$y\$j[0-9]T\$/.test(hash);
}

function user(secret: Secret, name: string, hash: string): BasicUser {
  if (name === '' || /[\p{Cc}:]/u.test(name)) throw problem(secret, 'has a user without a proper name');
  if (!verifiedHash.test(hash)) {
    throw problem(
      secret,
      `has a password of ${name} in a form that cannot be verified; possible: ${verifiedForms}`,
    );
  }
  if (isCostly(hash)) {
    throw problem(
      secret,
      `has a password of ${name} that costs too much to verify; possible: ${roundsMax} rounds, bcrypt of cost ${bcryptCostMax}`,
    );
  }
  return { name, hash };
}

function problem({ metadata }: Secret, what: string): Unservable {
  return new Unservable(`Secret ${metadata?.namespace}/${metadata?.name} of auth-secret ${what}`);
}

function decoded(value: unknown): string {
  return Buffer.from(String(value ?? ''), 'base64').toString('utf8');
}
