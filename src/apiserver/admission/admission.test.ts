import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pods } from '#api/generated/kinds.gen.ts';
import type { ResourceType } from '#api/meta/resource.ts';
import { type AdmissionDefinition, defineAdmission } from '../contract/admission.ts';
import { someone } from '../testing/admission.ts';
import { Admission } from './admission.ts';

const rules: AdmissionDefinition['rules'] = [
  { operations: ['CREATE'], apiGroups: [''], resources: ['pods'] },
];
const attributesOf = (type: ResourceType, operation: 'CREATE' | 'UPDATE' = 'CREATE', subresource = '') => ({
  operation,
  type,
  subresource,
  namespace: 'default',
  name: 'p',
  user: someone,
  dryRun: false,
  warn() {},
});

function doorTo(...plugins: AdmissionDefinition[]): Admission {
  const door = new Admission();
  door.begin(plugins.map(defineAdmission));
  return door;
}

test('the door – plugins that need no promise – gives none', () => {
  const door = doorTo({ name: 'a', rules, mutate() {}, validate() {} });
  assert.equal(door.mutate(attributesOf(pods)), undefined);
  assert.equal(door.validate(attributesOf(pods)), undefined);
});

test('plugins – some wait and some do not – run one after the other, in their order', async () => {
  const ran: string[] = [];
  const waits = async (name: string) => {
    await Promise.resolve();
    ran.push(name);
  };
  const door = doorTo(
    { name: 'a', rules, mutate: () => waits('a') },
    { name: 'b', rules, mutate: () => void ran.push('b') },
    { name: 'c', rules, mutate: () => waits('c') },
  );
  await door.mutate(attributesOf(pods));
  assert.deepEqual(ran, ['a', 'b', 'c']);
});

test('the plugins – after one that refuses – do not run', () => {
  const refuse = () => {
    throw new Error('no');
  };
  const ran: string[] = [];
  const door = doorTo(
    { name: 'a', rules, validate: refuse },
    { name: 'b', rules, validate: () => void ran.push('b') },
  );
  assert.throws(() => door.validate(attributesOf(pods)), /^Error: no$/);
  assert.deepEqual(ran, []);
});

test('a plugin – requests that its rules do not mean – does not meet them', () => {
  const met: string[] = [];
  const door = doorTo({
    name: 'a',
    rules,
    validate: ({ operation, subresource }) => void met.push(operation + subresource),
  });
  door.validate(attributesOf(pods, 'UPDATE'));
  door.validate(attributesOf(pods, 'CREATE', 'binding'));
  door.validate(attributesOf(pods));
  door.validate(attributesOf(pods));
  assert.deepEqual(met, ['CREATE', 'CREATE']);
});

test('the rules – a resource takes the place of another of its name – are asked for it', () => {
  const met: string[] = [];
  const door = doorTo({
    name: 'a',
    rules: [{ operations: ['*'], apiGroups: ['*'], resources: ['*'], scope: 'Cluster' }],
    validate: ({ name }) => void met.push(name),
  });
  door.validate(attributesOf({ ...pods, namespaced: true }));
  door.validate(attributesOf({ ...pods, namespaced: false }));
  assert.deepEqual(met, ['p']);
});
