/** Which parts of an object a write to each of its subresources changes. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AnyObject } from '#api/meta/object.ts';
import { loadSchema } from '#api/schema/load-schema.ts';
import { strategyFor } from '#testing/kind-cases.ts';
import { keepOnlyPart } from '../storage/write/subresource-parts.ts';

const now = '2026-01-01T00:00:00Z';
const fields = ['labels', 'annotations', 'finalizers', 'ownerReferences'] as const;
type Field = (typeof fields)[number];

const metadata = (text: string) => ({
  name: 'x',
  uid: 'u',
  labels: { a: text },
  annotations: { a: text },
  finalizers: [`acme.io/${text}`],
  ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: text, uid: text }],
});
const object = (text: string): AnyObject =>
  ({ metadata: metadata(text), spec: { note: text }, status: { note: text } }) as AnyObject;

/** The parts of the object that are as the request has them after a write to a subresource. */
function taken(group: string, resource: string, subresource: string) {
  const [wanted, old] = [object('new'), object('old')];
  keepOnlyPart(strategyFor(group, resource), subresource, wanted, old, now);
  const isNew = (value: unknown) => JSON.stringify(value)?.includes('new') ?? false;
  return {
    metadata: fields.filter((field) => isNew((wanted.metadata as Record<Field, unknown>)[field])),
    spec: isNew(wanted['spec']),
    status: isNew(wanted['status']),
  };
}

/** Where upstream's strategy for status takes metadata back; everywhere else it takes what is asked for. */
const kept: Readonly<Record<string, readonly Field[]>> = {
  'apps/deployments': ['labels'],
  '/pods': ['ownerReferences'],
  'admissionregistration.k8s.io/validatingadmissionpolicies': fields,
  'apiregistration.k8s.io/apiservices': fields,
  'flowcontrol.apiserver.k8s.io/flowschemas': fields,
  'flowcontrol.apiserver.k8s.io/prioritylevelconfigurations': fields,
  'networking.k8s.io/servicecidrs': fields,
  'resource.k8s.io/resourceclaims': fields,
  'storage.k8s.io/volumeattachments': fields,
};

test('an update – of a status – changes it, and of the metadata what upstream lets it', async (t) => {
  const withStatus = loadSchema().resources.filter(({ subresources }) =>
    subresources.some(({ name }) => name === 'status'),
  );
  for (const { group, resource } of withStatus) {
    const key = `${group}/${resource}`;
    await t.test(key, () => {
      const metadata = fields.filter((field) => !kept[key]?.includes(field));
      assert.deepEqual(taken(group, resource, 'status'), { metadata, spec: false, status: true });
    });
  }
  const seen = new Set(withStatus.map(({ group, resource }) => `${group}/${resource}`));
  assert.deepEqual(
    Object.keys(kept).filter((key) => !seen.has(key)),
    [],
  );
});

describe('an update – of approval and finalize, of ephemeral containers and resize – takes the metadata of the request, does not', () => {
  const cases: [string, string, string, boolean][] = [
    ['certificates.k8s.io', 'certificatesigningrequests', 'approval', true],
    ['', 'namespaces', 'finalize', true],
    ['', 'pods', 'ephemeralcontainers', false],
    ['', 'pods', 'resize', false],
  ];
  for (const [group, resource, subresource, takes] of cases) {
    test(subresource, () => {
      assert.deepEqual(taken(group, resource, subresource).metadata, takes ? [...fields] : []);
    });
  }
});

const request = (conditions: object[], rest: object = {}): AnyObject =>
  ({ metadata: { name: 'x' }, spec: { signerName: 'a.b/c' }, status: { conditions, ...rest } }) as AnyObject;
const condition = (type: string, more: object = {}) => ({ type, status: 'True', ...more });

test('an update – of approval – sets the conditions alone, with the times that their author leaves out', () => {
  const csr = strategyFor('certificates.k8s.io', 'certificatesigningrequests');
  const old = request([condition('Failed', { lastTransitionTime: 't0', lastUpdateTime: 't1' })], {
    certificate: 'old',
  });
  const wanted = request([condition('Failed'), condition('Approved', { lastUpdateTime: 't2' })], {
    certificate: 'new',
  });
  keepOnlyPart(csr, 'approval', wanted, old, now);
  assert.deepEqual(wanted['status'], {
    certificate: 'old',
    conditions: [
      condition('Failed', { lastTransitionTime: 't0', lastUpdateTime: now }),
      condition('Approved', { lastTransitionTime: now, lastUpdateTime: 't2' }),
    ],
  });
});

test('a certificate request – written more than once – is decided once by approval and signed once by status', () => {
  const csr = strategyFor('certificates.k8s.io', 'certificatesigningrequests');
  const messages = (subresource: string, wanted: AnyObject, old: AnyObject) => {
    keepOnlyPart(csr, subresource, wanted, old, now);
    const errors =
      subresource === 'status'
        ? csr.validateStatusUpdate!(wanted, old)
        : csr.subresources![subresource]!.validateUpdate!(wanted, old);
    return errors.map((error) => `${error.field}: ${error.detail}`);
  };
  const named = (request: AnyObject) => ({ ...request, metadata: { name: 'x', resourceVersion: '1' } });
  const ask = (subresource: string, wanted: AnyObject, old: AnyObject) =>
    messages(subresource, named(wanted), named(old));
  const [approved, denied, none] = [
    request([condition('Approved')]),
    request([condition('Denied')]),
    request([]),
  ];
  assert.deepEqual(ask('approval', approved, none), []);
  assert.deepEqual(ask('approval', none, approved), [
    'status.conditions: updates may not remove a condition of type "Approved"',
  ]);
  assert.deepEqual(ask('approval', request([condition('Approved'), condition('Denied')]), approved), [
    'status.conditions: Approved and Denied conditions are mutually exclusive',
  ]);
  assert.deepEqual(ask('status', denied, none), [
    'status.conditions: updates may not add a condition of type "Denied"',
  ]);
  assert.deepEqual(ask('status', request([condition('Approved', { reason: 'mine' })]), approved), []);
  assert.deepEqual(ask('status', request([], { certificate: Buffer.from('x').toString('base64') }), none), [
    'status.certificate: must contain at least one CERTIFICATE PEM block',
  ]);
  assert.deepEqual(
    ask('status', request([], { certificate: 'AAAA' }), request([], { certificate: 'BBBB' })),
    ['status.certificate: updates may not modify existing certificate content'],
  );
});
