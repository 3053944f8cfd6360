/** Secret: `stringData` is merged into `data`; type Opaque by default; immutable on request. */

import { ownValue } from '#base/own-value.ts';
import { goJsonError } from '#wire/json/error.ts';
import { goJsonType } from '#wire/json/go-values.ts';
import { secrets } from '../../generated/kinds.gen.ts';
import type { Secret } from '../../generated/types.gen.ts';
import { ageOf, nameOf } from '../../kind/cells.ts';
import { defineKind } from '../../kind/define-kind.ts';
import { ageColumn, column, nameColumn } from '../../kind/printer.ts';
import { countedAs } from '../../kind/quota.ts';
import { checkField, checkImmutable } from '../../validation/field-checks.ts';
import { type FieldError, invalidValue, required, tooLong } from '../../validation/field-error.ts';
import { keyPairProblem } from '../../validation/key-pair.ts';
import { configMapKey } from '../../validation/validators.ts';
import { base64ByteLength, dataMaxBytes, validateFrozen } from './frozen-data.ts';

export const secret = defineKind(secrets, {
  setDefaults(secret) {
    secret.type ||= 'Opaque';
    if (!secret.stringData) return;
    secret.data ??= {};
    for (const [key, text] of Object.entries(secret.stringData)) {
      secret.data[key] = Buffer.from(text, 'utf8').toString('base64');
    }
    delete secret.stringData;
  },
  validate: validateSecret,
  updateChecks: ['metadataChange', 'metadata', 'change'],
  validateUpdate: (now, old) => [
    ...checkImmutable('type', now.type, old.type),
    ...validateFrozen(now, old, ['data']),
    ...validateSecret(now),
  ],
  warnings({ type, data = {} }) {
    if (type !== 'kubernetes.io/tls') return [];
    const problem = keyPairProblem(pemOf(data['tls.crt']), pemOf(data['tls.key']));
    return problem === undefined ? [] : [problem];
  },
  selectableFields(secret) {
    return { type: secret.type ?? '' };
  },
  boundsData: true,
  quota: countedAs('secrets'),
  printer: {
    columns: [nameColumn, column('Type'), column('Data'), ageColumn],
    cells: (secret, now) => [
      nameOf(secret),
      secret.type ?? '',
      Object.keys(secret.data ?? {}).length,
      ageOf(secret, now),
    ],
  },
});

const pemOf = (base64 = '') => Buffer.from(base64, 'base64').toString('latin1');

/** Required keys by type; of `basic-auth` one is enough. */
const neededKeys: Readonly<Record<string, readonly string[]>> = {
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
};

const serviceAccountName = 'kubernetes.io/service-account.name';

function validateSecret(secret: Secret): FieldError[] {
  const data = secret.data ?? {};
  const errors = Object.keys(data).flatMap((key) => checkField(`data[${key}]`, key, configMapKey));
  const totalBytes = Object.values(data).reduce((sum, value) => sum + base64ByteLength(value), 0);
  if (totalBytes > dataMaxBytes) errors.push(tooLong('data', dataMaxBytes));
  return [...errors, ...validateType(secret, data)];
}

function validateType(secret: Secret, data: Record<string, string>): FieldError[] {
  const type = secret.type ?? '';
  const missing = (ownValue(neededKeys, type) ?? []).filter((key) => data[key] === undefined);
  const errors = missing.map((key) => required(`data[${key}]`));
  switch (type) {
    case 'kubernetes.io/service-account-token':
      if (!secret.metadata?.annotations?.[serviceAccountName]) {
        errors.push(required(`metadata.annotations[${serviceAccountName}]`));
      }
      break;
    case 'kubernetes.io/dockercfg':
    case 'kubernetes.io/dockerconfigjson': {
      const key = neededKeys[type]![0]!;
      if (data[key] !== undefined) errors.push(...validateJson(data[key], `data[${key}]`));
      break;
    }
    case 'kubernetes.io/basic-auth':
      if (data['username'] === undefined && data['password'] === undefined) {
        errors.push(required('data[username]'), required('data[password]'));
      }
      break;
    case 'kubernetes.io/ssh-auth':
      if (!data['ssh-privatekey']) errors.push(required('data[ssh-privatekey]'));
      break;
  }
  return errors;
}

function validateJson(base64: string, field: string): FieldError[] {
  const problem = mapProblem(Buffer.from(base64, 'base64').toString('utf8'));
  return problem ? [invalidValue(field, '<secret contents redacted>', problem)] : [];
}

function mapProblem(text: string): string | undefined {
  const problem = goJsonError(text);
  if (problem) return problem;
  const value: unknown = JSON.parse(text);
  if (typeof value === 'object' && !Array.isArray(value)) return undefined;
  return `json: cannot unmarshal ${goJsonType(value)} into Go value of type map[string]interface {}`;
}
