/** Extenders: defaults, order, resources that the scheduler does not count, and every problem with upstream's text. */

import assert from 'node:assert/strict';
import test from 'node:test';
import type { JsonObject } from '#wire/json/value.ts';
import { withPaths } from '../cluster-configuration.ts';
import type { ConfigurationError } from '../error.ts';
import { readExtenders } from './extenders.ts';
import { readSchedulerConfiguration } from './scheduler-configuration.ts';

const urlPrefix = 'http://127.0.0.1:8888/scheduler';
const usual = {
  urlPrefix,
  filterVerb: '',
  preemptVerb: '',
  prioritizeVerb: '',
  bindVerb: '',
  weight: 0,
  enableHTTPS: false,
  tls: {},
  timeoutMs: 5_000,
  nodeCacheCapable: false,
  managedResources: [],
  ignorable: false,
};

test('an extender – only its URL – has no verb, and five seconds', () => {
  assert.deepEqual(readExtenders([{ urlPrefix }]).extenders, [usual]);
});

test('an extender – every field – is read', () => {
  const extender = {
    urlPrefix,
    filterVerb: 'filter',
    preemptVerb: 'preempt',
    prioritizeVerb: 'prioritize',
    bindVerb: 'bind',
    weight: 3,
    enableHTTPS: true,
    nodeCacheCapable: true,
    ignorable: true,
  };
  const tls = { caFile: '/ca.pem', serverName: 'extender' };
  const managedResources = [{ name: 'example.com/gpu', ignoredByScheduler: true }];
  const { extenders, ignoredResources } = readExtenders([
    { ...extender, tlsConfig: tls, httpTimeout: '1m30s', managedResources },
  ]);
  const read = { ...extender, tls, timeoutMs: 90_000, managedResources: ['example.com/gpu'] };
  assert.deepEqual(extenders, [read]);
  assert.deepEqual(ignoredResources, ['example.com/gpu']);
});

test('extenders – an ignorable one among others – it is called after the others', () => {
  const { extenders } = readExtenders([
    { urlPrefix: 'http://a', ignorable: true },
    { urlPrefix: 'http://b' },
    { urlPrefix: 'http://c' },
  ]);
  assert.deepEqual(
    extenders.map((extender) => extender.urlPrefix),
    ['http://b', 'http://c', 'http://a'],
  );
});

test('a resource that the scheduler does not count – takes the place of the ignored ones of every profile', () => {
  const managedResources = [
    { name: 'example.com/gpu', ignoredByScheduler: true },
    { name: 'example.com/tpu' },
  ];
  const own = [{ name: 'NodeResourcesFit', args: { ignoredResources: ['example.com/own'] } }];
  const { profiles } = readSchedulerConfiguration({
    profiles: [{ schedulerName: 'a', pluginConfig: own }, { schedulerName: 'b' }],
    extenders: [{ urlPrefix, managedResources }],
  });
  assert.deepEqual(
    profiles.map(({ pluginArguments }) => pluginArguments.fit.ignoredResources),
    [['example.com/gpu'], ['example.com/gpu']],
  );
});

test('the files of an extender – relative to the configuration – are resolved', () => {
  const tlsConfig = { caFile: 'ca.pem', certFile: 'c.pem', keyFile: 'k.pem', insecure: false };
  const document = { scheduler: { extenders: [{ urlPrefix, tlsConfig }, { urlPrefix }] } };
  const resolved = { caFile: '/x/ca.pem', certFile: '/x/c.pem', keyFile: '/x/k.pem', insecure: false };
  assert.deepEqual(
    withPaths(document, (path) => `/x/${path}`),
    { scheduler: { extenders: [{ urlPrefix, tlsConfig: resolved }, { urlPrefix }] } },
  );
});

const managing = (...names: string[]) => [{ urlPrefix, managedResources: names.map((name) => ({ name })) }];
const refused: [JsonObject[], string][] = [
  [
    [{ urlPrefix, prioritizeVerb: 'score' }],
    'scheduler: extenders[0].weight: Invalid value: 0: must have a positive weight applied to it',
  ],
  [
    [
      { urlPrefix, bindVerb: 'bind' },
      { urlPrefix, bindVerb: 'bind' },
    ],
    'scheduler: extenders: Invalid value: "found 2 extenders implementing bind": only one extender can implement bind',
  ],
  [
    managing('example.com/gpu', 'example.com/gpu'),
    'scheduler: extenders[0].managedResources[1].name: Invalid value: "example.com/gpu": duplicate extender managed resource name',
  ],
  [
    managing('cpu'),
    'scheduler: extenders[0].managedResources[0].name: Invalid value: "cpu": is an invalid extended resource name',
  ],
  [
    [{ urlPrefix: 'localhost:8888' }],
    'scheduler: extenders[0].urlPrefix: Invalid value: "localhost:8888": must be a URL of http or https',
  ],
  [
    [{ urlPrefix, httpTimeout: '5' }],
    'scheduler.extenders[0].httpTimeout: time: missing unit in duration "5"',
  ],
  [[{ urlPrefix, verb: 'filter' }], 'scheduler.extenders[0]: strict decoding error: unknown field "verb"'],
];

for (const [extenders, message] of refused) {
  test(`extenders – ${JSON.stringify(extenders)} – are refused`, () => {
    assert.throws(
      () => readSchedulerConfiguration({ extenders }),
      (thrown: ConfigurationError) => {
        assert.equal(thrown.message, message);
        return true;
      },
    );
  });
}
