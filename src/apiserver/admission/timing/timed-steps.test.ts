import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Registry } from 'prom-client';
import { pods } from '#api/generated/kinds.gen.ts';
import { pause } from '#base/clock.ts';
import { VirtualClock } from '#testing/virtual-clock.ts';
import { type AdmissionDefinition, defineAdmission } from '../../contract/admission.ts';
import { someone } from '../../testing/admission.ts';
import { Admission } from '../admission.ts';
import { AdmissionMetrics } from './admission-metrics.ts';

const rules: AdmissionDefinition['rules'] = [
  { operations: ['CREATE'], apiGroups: [''], resources: ['pods'] },
];
const attributes = {
  operation: 'CREATE',
  type: pods,
  subresource: '',
  namespace: 'default',
  name: 'p',
  user: someone,
  dryRun: false,
  warn() {},
} as const;

test('plugins – that wait, that do not, that refuse – are timed each, and all of a phase together', async () => {
  const clock = new VirtualClock(0);
  const registry = new Registry();
  const door = new Admission();
  let isRefused = false;
  const plugins: AdmissionDefinition[] = [
    { name: 'Waits', rules, mutate: () => pause(clock, 200) },
    { name: 'Instant', rules, mutate() {}, validate() {} },
    {
      name: 'Refuses',
      rules,
      async validate() {
        await pause(clock, 1000);
        if (isRefused) throw new Error('no');
      },
    },
  ];
  door.begin(plugins.map(defineAdmission), { clock, metrics: new AdmissionMetrics(registry) });
  const admit = async () => {
    await door.mutate(attributes);
    await door.validate(attributes);
  };
  const admitted = admit();
  await clock.advance(1200);
  await admitted;
  isRefused = true;
  const refused = assert.rejects(admit(), /^Error: no$/);
  await clock.advance(1200);
  await refused;
  const text = await registry.metrics();
  const sums = text.split('\n').filter((line) => line.includes('_sum{'));
  const plugin = (name: string, rejected: boolean, type: string, sum: number) =>
    `apiserver_admission_controller_admission_duration_seconds_sum{name="${name}",operation="CREATE",rejected="${rejected}",type="${type}"} ${sum}`;
  const step = (rejected: boolean, type: string, sum: number) =>
    `apiserver_admission_step_admission_duration_seconds_sum{operation="CREATE",rejected="${rejected}",type="${type}"} ${sum}`;
  assert.deepEqual(sums.sort(), [
    plugin('Instant', false, 'admit', 0),
    plugin('Instant', false, 'validate', 0),
    plugin('Refuses', false, 'validate', 1),
    plugin('Refuses', true, 'validate', 1),
    plugin('Waits', false, 'admit', 0.4),
    step(false, 'admit', 0.4),
    step(false, 'validate', 1),
    step(true, 'validate', 1),
  ]);
});
