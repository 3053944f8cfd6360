import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '#wire/json/value.ts';
import { readKubeletConfiguration } from './kubelet-configuration.ts';

test('the processors of a node – not configured – are shared by all', () =>
  assert.deepEqual(readKubeletConfiguration({}).cpus, {
    policy: 'none',
    fullCoresOnly: false,
    strictReservation: false,
    prefersOneCache: false,
    reserved: undefined,
    reservedCount: 0,
    reconcileMs: 10_000,
  }));

test('the static policy – with a part of a processor reserved – reserves a whole one', () => {
  const { cpus } = readKubeletConfiguration({
    cpuManagerPolicy: 'static',
    cpuManagerPolicyOptions: { 'full-pcpus-only': 'true', 'strict-cpu-reservation': 'False' },
    cpuManagerReconcilePeriod: '5s',
    kubeReserved: { cpu: '600m' },
    systemReserved: { cpu: '600m' },
  });
  assert.deepEqual(cpus, {
    policy: 'static',
    fullCoresOnly: true,
    strictReservation: false,
    prefersOneCache: false,
    reserved: undefined,
    reservedCount: 2,
    reconcileMs: 5000,
  });
});

test('reservedSystemCPUs – beside reserved cpu – takes its place', () => {
  const { cpus, reserved } = readKubeletConfiguration({
    cpuManagerPolicy: 'static',
    kubeReserved: { cpu: '600m', memory: '1Gi' },
    systemReserved: { cpu: '4' },
    reservedSystemCPUs: '0-1,5',
  });
  assert.deepEqual([cpus.reserved, cpus.reservedCount], [new Set([0, 1, 5]), 3]);
  assert.deepEqual(
    [...reserved].map(([name, quantity]) => `${name}=${quantity}`),
    ['memory=1Gi', 'cpu=3'],
  );
});

const cpu = { systemReserved: 'cpu=1' };
const options = (cpuManagerPolicyOptions: JsonObject) => ({
  ...cpu,
  cpuManagerPolicy: 'static',
  cpuManagerPolicyOptions,
});

const invalid: [what: string, section: JsonObject, error: string][] = [
  ['an unknown policy', { cpuManagerPolicy: 'dynamic' }, 'kubelet: unknown policy: "dynamic"'],
  [
    'the static policy without a reservation',
    { cpuManagerPolicy: 'static' },
    'kubelet: [cpumanager] the static policy requires systemreserved.cpu + kubereserved.cpu to be greater than zero',
  ],
  [
    'an option of no policy',
    { cpuManagerPolicyOptions: { 'full-pcpus-only': 'true' } },
    'kubelet: None policy: received unsupported options=map[full-pcpus-only:true]',
  ],
  ['an unknown option', options({ a: 'true' }), 'kubelet: unknown CPU Manager Policy option: "a"'],
  [
    'an option that is not built',
    options({ 'align-by-socket': 'true' }),
    'kubelet: the option "align-by-socket" of the CPU manager is not built',
  ],
  [
    'an option that is neither true nor false',
    options({ 'full-pcpus-only': 'yes' }),
    'kubelet: bad value for option "full-pcpus-only": strconv.ParseBool: parsing "yes": invalid syntax',
  ],
  [
    'no list of processors',
    { reservedSystemCPUs: '1-x' },
    'kubelet: invalid configuration: unable to parse reservedSystemCPUs (--reserved-cpus) 1-x, error: strconv.Atoi: parsing "x": invalid syntax',
  ],
];

for (const [what, section, message] of invalid) {
  test(`the processors of a node – ${what} – is rejected: ${message}`, () =>
    assert.throws(() => readKubeletConfiguration(section), { message }));
}
