import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { changed, changeMessagesOf, created, createMessages, strategyFor } from '#testing/kind-cases.ts';
import { timeZoneNames } from '../../values/time-zone-names.ts';

const cronJob = {
  apiVersion: 'batch/v1',
  kind: 'CronJob',
  metadata: { name: 'c', namespace: 'ns' },
  spec: {
    schedule: '0 0 * * *',
    concurrencyPolicy: 'Allow',
    jobTemplate: {
      spec: {
        template: {
          spec: {
            restartPolicy: 'Never',
            dnsPolicy: 'ClusterFirst',
            containers: [
              { name: 'c', image: 'bb:1', imagePullPolicy: 'Always', terminationMessagePolicy: 'File' },
            ],
          },
        },
      },
    },
  },
};
const noZone = 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead';

const cases: [Record<string, unknown>, string[]][] = [
  [{ 'spec.schedule': 'CRON_TZ=Etc/UTC */20 * * * *' }, [`"CRON_TZ=Etc/UTC */20 * * * *": ${noZone}`]],
  [
    { 'spec.schedule': 'TZ=Nowhere 0 0 * * *' },
    [
      '"TZ=Nowhere 0 0 * * *": provided bad location Nowhere: unknown time zone Nowhere',
      `"TZ=Nowhere 0 0 * * *": ${noZone}`,
    ],
  ],
  [
    { 'spec.schedule': 'TZ=UTC' },
    [
      '"TZ=UTC": invalid schedule format: runtime error: slice bounds out of range [:-1]',
      `"TZ=UTC": ${noZone}`,
    ],
  ],
  [{ 'spec.timeZone': 'Europe/Berlin' }, []],
  [{ 'spec.timeZone': 'US/Pacific' }, []],
  [{ 'spec.timeZone': 'europe/berlin' }, ['"europe/berlin": unknown time zone europe/berlin']],
  [{ 'spec.timeZone': 'asia/kolkata' }, ['"asia/kolkata": unknown time zone asia/kolkata']],
  [{ 'spec.timeZone': 'US/Pacific-New' }, ['"US/Pacific-New": unknown time zone US/Pacific-New']],
  [{ 'spec.timeZone': 'utc' }, ['"utc": unknown time zone utc']],
  [{ 'spec.timeZone': '+01:00' }, ['"+01:00": unknown time zone +01:00']],
  [{ 'spec.timeZone': '../UTC' }, ['"../UTC": unknown time zone ../UTC']],
  [{ 'spec.timeZone': '' }, ['"": timeZone must be nil or non-empty string']],
  [
    { 'spec.timeZone': 'Local' },
    ['"Local": timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones'],
  ],
  [
    { 'spec.timeZone': 'local' },
    [
      '"local": timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones',
      '"local": unknown time zone local',
    ],
  ],
];

describe('schedules and time zones – invalid – have the messages of upstream’s parser and of Go', () => {
  for (const [changes, expected] of cases) {
    test(JSON.stringify(changes), () => {
      const field = Object.keys(changes)[0];
      const messages = expected.map((text) => `${field}: Invalid value: ${text}`);
      assert.deepEqual(createMessages('batch', 'cronjobs', changed(cronJob, changes)), messages);
    });
  }
});

test('a zone in the schedule – may stay, not beside the field, and causes a warning', () => {
  const old = changed(created('batch', 'cronjobs', cronJob), {
    'spec.schedule': 'CRON_TZ=Etc/UTC 0 0 * * *',
  });
  const now = changed(old, { 'metadata.resourceVersion': '1', 'metadata.generation': 2 });
  assert.deepEqual(changeMessagesOf('batch', 'cronjobs', now, old), []);
  assert.deepEqual(changeMessagesOf('batch', 'cronjobs', changed(now, { 'spec.timeZone': 'UTC' }), old), [
    'spec.schedule: Invalid value: "CRON_TZ=Etc/UTC 0 0 * * *": cannot use both timeZone field and TZ or CRON_TZ in schedule',
  ]);
  assert.deepEqual(strategyFor('batch', 'cronjobs').warnings?.(now, old), [
    'cannot use TZ or CRON_TZ in spec.spec.schedule, use timeZone instead, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details',
  ]);
});

test('a name that is not a DNS label – causes a warning at creation', () => {
  const [warning] =
    strategyFor('batch', 'cronjobs').warnings?.(changed(cronJob, { 'metadata.name': 'a.b' })) ?? [];
  assert.match(
    warning ?? '',
    /^metadata.name: this is used in Pod names and hostnames.*: \[must not contain dots\]$/,
  );
});

test('every zone that upstream accepts – is known to this program', () => {
  assert.equal(timeZoneNames.size, 598);
  for (const timeZone of timeZoneNames) {
    if (timeZone !== 'Factory') assert.ok(new Intl.DateTimeFormat('en', { timeZone }), timeZone);
  }
});
