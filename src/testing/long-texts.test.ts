/** Every parser of text that a client sends takes time in proportion to the length of the text. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseGoDuration } from '#api/go/duration.ts';
import { canonicalMicroTime, canonicalTime } from '#api/go/time.ts';
import { integerOf } from '#api/http/query-parameters.ts';
import { countIndexes } from '#api/kinds/batch/job-indexes.ts';
import { validateFieldRef } from '#api/kinds/pods/validation/downward.ts';
import { vendorChecks } from '#api/kinds/pods/validation/volumes/vendor.ts';
import { decodePodLogOptions } from '#api/pods/log-options.ts';
import { scalarDecoders } from '#api/schema/decode-scalars.ts';
import { parseFieldSelector } from '#api/selectors/field-selector.ts';
import { parseLabelSelector } from '#api/selectors/selector.ts';
import { checkCidr, checkIp } from '#api/validation/ip-checks.ts';
import * as validators from '#api/validation/validators.ts';
import { canonicalBase64 } from '#api/values/base64.ts';
import { cronScheduleProblem } from '#api/values/cron-expression.ts';
import { parseCidr, parseIp } from '#api/values/ip.ts';
import { pemBlocks } from '#api/values/pem-blocks.ts';
import { timeZoneProblem } from '#api/values/time-zone.ts';
import { parseJsonBody } from '#apiserver/codec/decode/parse-body.ts';
import { versionProblem } from '#apiserver/codec/decode/resource-version.ts';
import { takesGzip } from '#apiserver/codec/encode/accept-encoding.ts';
import { negotiate } from '#apiserver/codec/encode/negotiate.ts';
import { PageLinks } from '#apiserver/subresources/proxy/page-links.ts';
import { readRequestTarget } from '#base/net/request-target.ts';
import { cleanPath, decodePath, encodePath, readQuery } from '#base/net/url-path.ts';
import { imageTag, parseImageName } from '#base/text/image-name.ts';
import { pairsOf, parseDockerfile } from '#host/images/dockerfile.ts';
import { valueInEnvFile } from '#kubelet/config/env-file.ts';
import { expand } from '#kubelet/config/expansion.ts';
import { credentialsFor } from '#kubelet/images/registries/pull-credentials.ts';
import { parseLogLine, printedTime } from '#kubelet/machine/log-format.ts';
import { scriptFor } from '#kubelet/simulated/script.ts';
import { findStrictErrors } from '#wire/json/duplicate-fields.ts';
import { tooDeepAt } from '#wire/json/nesting.ts';
import { readYaml } from '#wire/yaml/read.ts';

const fieldRef = (fieldPath: string) => validateFieldRef({ apiVersion: 'v1', fieldPath }, [], 'p');
const pullSecret = (registries: object) => ({
  metadata: { name: 'pull', namespace: 'default' },
  type: 'kubernetes.io/dockerconfigjson',
  data: {
    '.dockerconfigjson': Buffer.from(JSON.stringify({ auths: registries })).toString('base64'),
  },
});

/** Everything that parses texts of callers. */
const parsers: Readonly<Record<string, (text: string) => unknown>> = {
  quantity: (text) => scalarDecoders.quantity(text),
  cronScheduleProblem: (text) => cronScheduleProblem(text),
  'cronScheduleProblem with a zone': (text) => cronScheduleProblem(`TZ=UTC ${text}`),
  canonicalBase64,
  canonicalTime,
  canonicalMicroTime,
  parseFieldSelector,
  parseLabelSelector,
  parseGoDuration,
  imageTag,
  parseImageName,
  parseCidr,
  parseIp,
  checkCidr: (text) => checkCidr('f', text),
  checkIp: (text) => checkIp('f', text),
  countIndexes: (text) => countIndexes(text, 1e9),
  pemBlocks,
  validateFieldRef: fieldRef,
  iscsi: (text) => vendorChecks.iscsi({ iscsi: { iqn: `iqn${text}`, targetPortal: 'a' } } as never, 'p'),
  timeZoneProblem,
  takesGzip,
  negotiate: (text) => negotiate({ headers: { accept: text } } as never),
  integerOf: (text) => integerOf(new URLSearchParams({ n: text }), 'n'),
  decodePodLogOptions: (text) => decodePodLogOptions(new URLSearchParams({ sinceTime: text })),
  versionProblem,
  PageLinks: (text) => new PageLinks('/p', []).push(`<a ${text}>`),
  readRequestTarget,
  cleanPath,
  decodePath,
  encodePath,
  readQuery,
  parseDockerfile: (text) => parseDockerfile(`RUN ${text}`),
  pairsOf,
  valueInEnvFile: (text) => valueInEnvFile(`A='${text}\nB='x'`, 'B'),
  expand: (text) => expand(text, () => undefined),
  parseLogLine,
  printedTime,
  'credentialsFor a registry': (text) =>
    credentialsFor('a.example/b', [pullSecret({ [text]: { username: 'u' } })] as never),
  'credentialsFor a password': (text) => {
    const auth = Buffer.from(`u:${text}`).toString('base64');
    return credentialsFor('a.example/b', [pullSecret({ 'a.example': { auth } })] as never);
  },
  scriptFor: (text) => scriptFor(text, 'c', { 'simulated.kybern.dev/duration': text }),
  parseJsonBody: (text) => parseJsonBody(Buffer.from(text)),
  findStrictErrors: (text) => (tooDeepAt(Buffer.from(text)) === undefined ? findStrictErrors(text) : []),
  'readYaml before a document': (text) => readYaml(`${text}\n---\na: b\n`),
  ...Object.fromEntries(
    Object.entries(validators)
      .filter(([, value]) => typeof value === 'function' && value.length === 1)
      .map(([name, value]) => [name, value as (text: string) => unknown]),
  ),
};

const units = [
  ...[
    ' ',
    '\t',
    '\n',
    '\0',
    '0',
    '9',
    'a',
    '.',
    '/',
    '\\',
    '[',
    ']',
    '{',
    '#',
    '-',
    ':',
    '"',
    "'",
    '=',
    ',',
    '*',
  ],
  ...['$(', '$', 'a.', '.0', 'a ', 'a=', '0s', "['", '\\"', '\\\\', '%2', ' #', '-\n', '# \n', '\u00a0'],
  ...[
    '-----BEGIN A-----\n',
    '-----BEGIN A-----\n-----END ',
    'iqn.2001-04.a',
    'simulated/a',
    '!a ',
    '<a',
    '//',
  ],
];
const frames = [
  ['', ''],
  ['1', 'x'],
  ['"', ''],
  ['', '\0'],
] as const;

/** Any error but a RangeError (of the engine) counts as an answer. */
function run(parse: (text: string) => unknown, text: string): void {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof RangeError) throw error;
  }
}

/**
 * Time of the processor, not of the clock: other load of the machine does not count. The minimum of several
 * is without collections.
 */
function costMs(parse: (text: string) => unknown, text: string): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 3 && least > negligibleMs; i++) {
    const before = process.cpuUsage();
    run(parse, text);
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / 1000);
  }
  return least;
}

const negligibleMs = 50;
/** Linear work grows by 8, quadratic work by 64. */
const growth = 8;
const growthMax = 24;

function growsTooFast(parse: (text: string) => unknown, make: (count: number) => string, count: number) {
  const large = costMs(parse, make(count));
  if (large <= negligibleMs) return undefined;
  const factor = large / costMs(parse, make(count / growth));
  return factor > growthMax
    ? `${count} times cost ${factor.toFixed(0)} as much as ${count / growth}`
    : undefined;
}

for (const [name, parse] of Object.entries(parsers)) {
  test(`${name} – long texts of any character – linear cost`, () => {
    for (const unit of units) {
      for (const [head, tail] of frames) {
        const make = (count: number) => head + unit.repeat(count) + tail;
        // The short text detects exponential cost before it takes for ever.
        for (const count of [24, 32_768]) {
          const shown = JSON.stringify([head, unit, tail]);
          assert.equal(growsTooFast(parse, make, count), undefined, shown);
        }
      }
    }
  });
}

test('a megabyte of one character – every parser answers', () => {
  for (const parse of Object.values(parsers)) {
    for (const unit of [' ', '0', '/', '[', '\n', 'a.']) {
      run(parse, unit.repeat(2 ** 20 / unit.length));
    }
  }
});
