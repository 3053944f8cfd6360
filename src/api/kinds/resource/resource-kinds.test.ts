/** Claims, their templates, slices and classes are refused with the messages of a v1.36.3 server, and get its defaults. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { copyJson } from '#base/copy-json.ts';
import { created, strategyFor } from '../../../testing/kind-cases.ts';
import { upstreamTable } from '../../../testing/upstream-table.ts';
import type { AnyObject } from '../../meta/object.ts';
import { decodeInto } from '../../schema/decode.ts';
import { loadSchema } from '../../schema/load-schema.ts';
import { fieldErrorMessage } from '../../validation/field-error.ts';

const group = 'resource.k8s.io';
const now = '2026-01-01T00:00:00Z';
const schema = loadSchema();

interface Row {
  readonly resource: string;
  readonly verb: 'create' | 'update' | 'status';
  readonly old?: object;
  readonly spec?: object;
  readonly status?: object;
  readonly message: string;
}

function decoded(resource: string, parts: object): AnyObject {
  const def = schema.resource(group, 'v1', resource)!;
  const metadata = { name: 'a', ...(def.namespaced ? { namespace: 'ns' } : {}) };
  const object = { metadata, ...copyJson(parts) };
  decodeInto(schema, def.type, object);
  return object as AnyObject;
}

function messagesOf({ resource, verb, old, spec, status }: Row): string[] {
  const strategy = strategyFor(group, resource);
  if (verb === 'create') {
    return strategy.validate!(created(group, resource, decoded(resource, { spec: spec ?? {} }))).map(
      fieldErrorMessage,
    );
  }
  const before = created(group, resource, decoded(resource, { spec: old }));
  const object = decoded(resource, { spec: spec ?? (verb === 'status' ? old : {}), status: status ?? null });
  strategy.setDefaults?.(object);
  if (verb === 'status') {
    strategy.prepareForStatusUpdate?.(object, before, now);
    return strategy.validateStatusUpdate!(object, before).map(fieldErrorMessage);
  }
  strategy.dropDisabled?.(object);
  strategy.prepareForUpdate?.(object, before, now);
  return strategy.validateUpdate!(object, before).map(fieldErrorMessage);
}

describe('an object of the resource group – that upstream refuses – is refused with its message', () => {
  for (const [i, row] of upstreamTable<Row>('resource-kinds.jsonl').entries()) {
    test(`${i + 1}: ${row.verb} of ${row.resource}`, () => {
      const errors = [...new Set(messagesOf(row))];
      const message = errors.length === 1 ? errors[0] : `[${errors.join(', ')}]`;
      assert.equal(message, row.message);
    });
  }
});

test('a claim – with requests that leave out how many – asks for one device of each, and tolerates by equality', () => {
  const request = { deviceClassName: 'c', tolerations: [{ key: 'k' }] };
  const requests = [
    { name: 'a', exactly: request },
    {
      name: 'b',
      firstAvailable: [
        { ...request, name: 'x' },
        { name: 'y', deviceClassName: 'c', allocationMode: 'All' },
      ],
    },
  ];
  const { spec } = created(
    group,
    'resourceclaims',
    decoded('resourceclaims', { spec: { devices: { requests } } }),
  );
  const wanted = { deviceClassName: 'c', allocationMode: 'ExactCount', count: 1 };
  const tolerations = [{ key: 'k', operator: 'Equal' }];
  assert.deepEqual(spec, {
    devices: {
      requests: [
        { name: 'a', exactly: { ...wanted, tolerations } },
        {
          name: 'b',
          firstAvailable: [
            { ...wanted, name: 'x', tolerations },
            { name: 'y', deviceClassName: 'c', allocationMode: 'All' },
          ],
        },
      ],
    },
  });
});

test('a slice – with fields behind gates that are off, and a taint without a time – loses the one and gets the other', () => {
  const device = { name: 'd', taints: [{ key: 'k', effect: 'NoSchedule' }] };
  const gated = {
    ...device,
    attributes: { a: { int: 1, ints: [1] } },
    nodeAllocatableResourceMappings: { cpu: {} },
  };
  const { spec } = created(
    group,
    'resourceslices',
    decoded('resourceslices', { spec: { devices: [gated] } }),
  );
  assert.deepEqual((spec as { devices: object[] }).devices, [
    {
      name: 'd',
      taints: [{ key: 'k', effect: 'NoSchedule', timeAdded: now }],
      attributes: { a: { int: 1 } },
    },
  ]);
});

test('the status of a claim – whose allocation is taken back – loses what it says of the devices', () => {
  const id = { driver: 'd.example.com', pool: 'p', device: 'd' };
  const spec = { devices: {} };
  const old = decoded('resourceclaims', {
    spec,
    status: { allocation: { devices: { results: [{ request: 'r', ...id }] } }, devices: [id] },
  });
  const claim = decoded('resourceclaims', { spec, status: { devices: [id] } });
  strategyFor(group, 'resourceclaims').prepareForStatusUpdate!(claim, old, now);
  assert.deepEqual(claim['status'], {});
});

describe('selectors – judged ahead of the validation – have the same errors, unless they have changed since', () => {
  const selectors = [{ cel: { expression: 'device.driver == "a"' } }, { cel: { expression: '1' } }, {}];
  const wanted = { deviceClassName: 'c', selectors };
  const claim = {
    devices: {
      requests: [
        { name: 'a', exactly: wanted },
        { name: 'b', firstAvailable: [{ name: 'c', ...wanted }] },
      ],
    },
  };
  const specs = {
    resourceclaims: claim,
    resourceclaimtemplates: { spec: claim },
    deviceclasses: { selectors },
  };
  const steps = { resourceclaims: 4, resourceclaimtemplates: 4, deviceclasses: 2 };
  for (const [resource, spec] of Object.entries(specs)) {
    test(resource, () => {
      const strategy = strategyFor(group, resource);
      const object = created(group, resource, decoded(resource, { spec }));
      const expected = strategy.validate!(created(group, resource, decoded(resource, { spec })));
      const ahead = [...strategy.validateAhead!(object)];
      assert.equal(ahead.length, steps[resource as keyof typeof steps]);
      for (const step of ahead) step();
      assert.deepEqual(strategy.validate!(object), expected);
      const text = JSON.stringify(object).replaceAll('device.driver', 'device.nothing');
      const changed = JSON.parse(text) as AnyObject;
      for (const step of strategy.validateAhead!(object)) step();
      assert.notDeepEqual(strategy.validate!(changed), expected);
    });
  }
});
