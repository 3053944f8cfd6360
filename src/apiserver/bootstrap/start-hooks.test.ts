import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startHooks } from './start-hooks.ts';

const well = () => undefined;
const notYet = () => 'not finished';

/** Of upstream's end-to-end suite, without those of the aggregator. */
const required = [
  'start-apiserver-admission-initializer',
  'generic-apiserver-start-informers',
  'start-apiextensions-informers',
  'start-apiextensions-controllers',
  'crd-informer-synced',
  'bootstrap-controller',
  'start-system-namespaces-controller',
  'start-service-ip-repair-controllers',
  'scheduling/bootstrap-system-priority-classes',
  'start-cluster-authentication-info-controller',
  'storage-readiness',
];

test('start hooks – a server that is ready – are all well and have the names that upstream asks for', () => {
  const hooks = startHooks({ storage: well, customResources: well, serviceAddresses: well, bootstrap: well });
  for (const name of required) assert.equal(hooks[`poststarthook/${name}`]!(), undefined, name);
});

test('start hooks – the first objects are not there yet – those that stand for them fail', () => {
  const hooks = startHooks({
    storage: well,
    customResources: well,
    serviceAddresses: well,
    bootstrap: notYet,
  });
  const failing = Object.keys(hooks).filter((name) => hooks[name]!() !== undefined);
  assert.ok(failing.includes('poststarthook/rbac/bootstrap-roles'));
  assert.ok(failing.includes('poststarthook/bootstrap-controller'));
  assert.equal(failing.includes('poststarthook/crd-informer-synced'), false);
});
