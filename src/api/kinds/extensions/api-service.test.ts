import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { APIService, APIServiceSpec } from '../../generated/types.gen.ts';
import { completeStrategy } from '../../kind/complete-strategy.ts';
import { loadSchema } from '../../schema/load-schema.ts';
import { fieldErrorMessage } from '../../validation/field-error.ts';
import { apiService } from './api-service.ts';

const service = { namespace: 'default', name: 'metrics', port: 443 };

function newService(name: string, spec: Partial<APIServiceSpec>): APIService {
  const whole = { group: 'g.io', version: 'v1', groupPriorityMinimum: 100, versionPriority: 10, ...spec };
  return { metadata: { name }, spec: whole };
}

const schema = loadSchema();
const def = schema.resource('apiregistration.k8s.io', 'v1', 'apiservices')!;
const { validate } = completeStrategy(apiService, { def, schema });
const errorsOf = (object: APIService) => validate!(object).map(fieldErrorMessage);

const rows: [string, string, Partial<APIServiceSpec>, string[]][] = [
  ['of this server', 'v1.g.io', {}, []],
  ['of another server', 'v1.g.io', { service, caBundle: 'eA==' }, []],
  ['of the legacy group', 'v1.', { group: '' }, []],
  [
    'named otherwise',
    'v1.h.io',
    {},
    ['metadata.name: Invalid value: "v1.h.io": must be `spec.version+"."+spec.group`: "v1.g.io"'],
  ],
  [
    'of no group, in another version than v1',
    'v2.',
    { group: '', version: 'v2' },
    ['spec.group: Required value: only v1 may have an empty group and it better be legacy kube'],
  ],
  [
    'without priorities',
    'v1.g.io',
    { groupPriorityMinimum: 0, versionPriority: 1001 },
    [
      'spec.groupPriorityMinimum: Invalid value: 0: must be positive and less than 20000',
      'spec.versionPriority: Invalid value: 1001: must be positive and less than 1000',
    ],
  ],
  [
    'of this server, with what only another needs',
    'v1.g.io',
    { caBundle: 'eA==', insecureSkipTLSVerify: true },
    [
      'spec.caBundle: Invalid value: "1 bytes": local APIServices may not have a caBundle',
      'spec.insecureSkipTLSVerify: Invalid value: true: local APIServices may not have insecureSkipTLSVerify',
    ],
  ],
  [
    'of a service without a name, trusted and not verified',
    'v1.g.io',
    { service: { port: 0 }, caBundle: 'eA==', insecureSkipTLSVerify: true },
    [
      'spec.service.namespace: Required value',
      'spec.service.name: Required value',
      'spec.service.port: Invalid value: 0: port is not valid: must be between 1 and 65535, inclusive',
      'spec.insecureSkipTLSVerify: Invalid value: true: may not be true if caBundle is present',
    ],
  ],
];

for (const [what, name, spec, errors] of rows) {
  test(`an APIService ${what} – ${errors.length === 0 ? 'is valid' : 'is refused'}`, () => {
    assert.deepEqual(errorsOf(newService(name, spec)), errors);
  });
}

test('an APIService – with another name or a prefix of one – is refused', () => {
  const service = newService('v2.g.io', {});
  service.metadata!.generateName = 'v1.g.';
  const must = 'must be `spec.version+"."+spec.group`: "v1.g.io"';
  assert.deepEqual(errorsOf(service), [
    `metadata.generateName: Invalid value: "v1.g.": ${must}`,
    `metadata.name: Invalid value: "v2.g.io": ${must}`,
  ]);
});

test('an APIService – created – is available at once where this server serves it', () => {
  const now = '2026-01-01T00:00:00Z';
  const user = { name: 'jane', groups: [] };
  const local = newService('v1.g.io', {});
  apiService.prepareForCreate!(local, now, user);
  assert.deepEqual(local.status, {
    conditions: [
      {
        lastTransitionTime: now,
        message: 'Local APIServices are always available',
        reason: 'Local',
        status: 'True',
        type: 'Available',
      },
    ],
  });
  const remote = newService('v1.g.io', { service });
  apiService.prepareForCreate!(remote, now, user);
  assert.deepEqual(remote.status, {});
});
