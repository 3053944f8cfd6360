import assert from 'node:assert/strict';
import { test } from 'node:test';
import { invalid, StatusError } from '../meta/status.ts';
import { decodePodLogOptions, encodePodLogOptions, validatePodLogOptions } from './log-options.ts';

/** Decoded and validated as by the API server. */
function accepted(query: string) {
  const options = decodePodLogOptions(new URLSearchParams(query));
  const errors = validatePodLogOptions(options);
  if (errors.length > 0) throw invalid({ group: '', kind: 'PodLogOptions' }, 'web', errors);
  return options;
}

const passed: [query: string, asked: string][] = [
  ['', 'stream=All'],
  ['container=x&pretty=1', 'stream=All'],
  ['follow=true&previous=false&timestamps=0', 'follow=true&stream=All'],
  ['follow&timestamps=yes&previous=FALSE', 'follow=true&timestamps=true&stream=All'],
  ['tailLines=%2B05&limitBytes=4', 'tailLines=5&limitBytes=4&stream=All'],
  ['sinceTime=2026-01-02T03:04:05.999%2B01:00', 'sinceTime=2026-01-02T02%3A04%3A05Z&stream=All'],
  ['sinceTime=', 'stream=All'],
  ['stream=Stderr', 'stream=Stderr'],
];

for (const [query, asked] of passed) {
  test(`log options – ${query || 'nothing'} – are sent on as ${asked}`, () => {
    assert.equal(encodePodLogOptions(accepted(query)).toString(), asked);
  });
}

const wrong = 'PodLogOptions "web" is invalid:';
const refused: [query: string, code: number, message: string][] = [
  ['tailLines=x', 400, 'strconv.ParseInt: parsing "x": invalid syntax'],
  ['tailLines=', 400, 'strconv.ParseInt: parsing "": invalid syntax'],
  [
    'limitBytes=9223372036854775808',
    400,
    'strconv.ParseInt: parsing "9223372036854775808": value out of range',
  ],
  ['sinceTime=2024', 400, 'parsing time "2024" as "2006-01-02T15:04:05Z07:00": cannot parse "" as "-"'],
  ['sinceTime=now', 400, 'parsing time "now" as "2006-01-02T15:04:05Z07:00": cannot parse "now" as "2006"'],
  ['tailLines=-1', 422, `${wrong} tailLines: Invalid value: -1: must be greater than or equal to 0`],
  ['limitBytes=0', 422, `${wrong} limitBytes: Invalid value: 0: must be greater than 0`],
  [
    'sinceSeconds=1&sinceTime=2026-01-02T03:04:05Z',
    422,
    `${wrong} []: Forbidden: at most one of \`sinceTime\` or \`sinceSeconds\` may be specified`,
  ],
  [
    'stream=stdout',
    422,
    `${wrong} stream: Unsupported value: "stdout": supported values: "All", "Stderr", "Stdout"`,
  ],
  [
    'stream=Stdout&tailLines=1',
    422,
    `${wrong} []: Forbidden: \`tailLines\` and specific \`stream\` are mutually exclusive for now`,
  ],
];

for (const [query, code, message] of refused) {
  test(`log options – ${query} – are rejected with ${code}`, () => {
    const refusal = (error: unknown) => {
      assert.ok(error instanceof StatusError);
      assert.equal(error.code, code);
      assert.equal(error.message, message);
      return true;
    };
    assert.throws(() => accepted(query), refusal);
  });
}
