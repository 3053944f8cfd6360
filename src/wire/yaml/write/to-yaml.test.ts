import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readYaml } from '../read.ts';
import { toYaml } from './to-yaml.ts';

/** Short texts, each with the line that upstream writes for `{"v": text}`. */
const lines: readonly (readonly [text: string, yaml: string])[] = [
  ['1', 'v: "1"'],
  ['1.5', 'v: "1.5"'],
  ['0x1F', 'v: "0x1F"'],
  ['0o7', 'v: "0o7"'],
  ['017', 'v: "017"'],
  ['0b1', 'v: "0b1"'],
  ['1e3', 'v: "1e3"'],
  ['1_000', 'v: "1_000"'],
  ['.5', 'v: ".5"'],
  ['5.', 'v: "5."'],
  ['+1', 'v: "+1"'],
  ['-1', 'v: "-1"'],
  ['-', "v: '-'"],
  ['.', 'v: .'],
  ['..', 'v: ..'],
  ['...', "v: '...'"],
  ['---', "v: '---'"],
  ['--- a', "v: '--- a'"],
  ['~', 'v: "~"'],
  ['null', 'v: "null"'],
  ['Null', 'v: "Null"'],
  ['true', 'v: "true"'],
  ['yes', 'v: "yes"'],
  ['no', 'v: "no"'],
  ['on', 'v: "on"'],
  ['off', 'v: "off"'],
  ['y', 'v: "y"'],
  ['n', 'v: "n"'],
  ['Y', 'v: "Y"'],
  ['N', 'v: "N"'],
  ['True', 'v: "True"'],
  ['1:30', 'v: "1:30"'],
  ['190:20:30', 'v: "190:20:30"'],
  ['2001-01-01', 'v: "2001-01-01"'],
  ['2001-01-01T00:00:00Z', 'v: "2001-01-01T00:00:00Z"'],
  ['2001-12-14t21:59:43.10-05:00', 'v: "2001-12-14t21:59:43.10-05:00"'],
  ['12:30:45', 'v: "12:30:45"'],
  ['', 'v: ""'],
  [' ', "v: ' '"],
  [' a', "v: ' a'"],
  ['a ', "v: 'a '"],
  ['a: b', "v: 'a: b'"],
  ['a:b', 'v: a:b'],
  ['a:', "v: 'a:'"],
  ['a #b', "v: 'a #b'"],
  ['a#b', 'v: a#b'],
  ['#a', "v: '#a'"],
  ['- a', "v: '- a'"],
  ['-a', 'v: -a'],
  ['? a', "v: '? a'"],
  ['?a', 'v: ?a'],
  [': a', "v: ': a'"],
  [':a', 'v: :a'],
  ['*a', "v: '*a'"],
  ['&a', "v: '&a'"],
  ['!a', "v: '!a'"],
  ['|a', "v: '|a'"],
  ['>a', "v: '>a'"],
  ['%a', "v: '%a'"],
  ['@a', "v: '@a'"],
  ['`a', "v: '`a'"],
  ["'a", "v: '''a'"],
  ['"a', "v: '\"a'"],
  ["a'b", "v: a'b"],
  ['a"b', 'v: a"b'],
  ['{a', "v: '{a'"],
  ['[a', "v: '[a'"],
  [']a', "v: ']a'"],
  ['}a', "v: '}a'"],
  [',a', "v: ',a'"],
  ['a,b', 'v: a,b'],
  ['a]b', 'v: a]b'],
  ['a[b', 'v: a[b'],
  ['a{b', 'v: a{b'],
  ['a}b', 'v: a}b'],
  ['=', 'v: ='],
  ['<<', 'v: <<'],
  ['a\\b', 'v: a\\b'],
  ['\\n', 'v: \\n'],
  ['inf', 'v: inf'],
  ['.inf', 'v: ".inf"'],
  ['-.inf', 'v: "-.inf"'],
  ['.nan', 'v: ".nan"'],
  ['.NaN', 'v: ".NaN"'],
  ['nan', 'v: nan'],
  ['NaN', 'v: NaN'],
  ['Infinity', 'v: Infinity'],
  ['+.inf', 'v: "+.inf"'],
  ['0', 'v: "0"'],
  ['00', 'v: "00"'],
  ['08', 'v: "08"'],
  ['0.', 'v: "0."'],
  ['1e', 'v: 1e'],
  ['1e+3', 'v: "1e+3"'],
  ['1E5', 'v: "1E5"'],
  ['12e03', 'v: "12e03"'],
  ['-2E+05', 'v: "-2E+05"'],
  ['0x', 'v: 0x'],
  ['0xg', 'v: 0xg'],
  ['1__0', 'v: "1__0"'],
  ['_1', 'v: _1'],
  ['1_', 'v: "1_"'],
  ['0b12', 'v: 0b12'],
  ['0o8', 'v: 0o8'],
  ['0_1', 'v: "0_1"'],
  ['+', 'v: +'],
  ['+.5', 'v: "+.5"'],
  ['e3', 'v: e3'],
  ['1.e3', 'v: "1.e3"'],
  ['0.0e0', 'v: "0.0e0"'],
  ['123456789012345678901234567890', 'v: "123456789012345678901234567890"'],
  ['a\u200bb', 'v: a\u200bb'],
  ['\u200b', 'v: \u200b'],
  ['a: ', "v: 'a: '"],
  ['a :b', 'v: a :b'],
  ['key: value with spaces # hash', "v: 'key: value with spaces # hash'"],
  ['http://x.y/z', 'v: http://x.y/z'],
  ['C:\\x', 'v: C:\\x'],
  ['{}', "v: '{}'"],
  ['[]', "v: '[]'"],
  ['{{ .Values.x }}', "v: '{{ .Values.x }}'"],
  ['$x', 'v: $x'],
  ['(a)', 'v: (a)'],
  ['a;b', 'v: a;b'],
  ['a|b', 'v: a|b'],
  ['a>b', 'v: a>b'],
  ['a!b', 'v: a!b'],
  ['a%b', 'v: a%b'],
  ['a&b', 'v: a&b'],
  ['a*b', 'v: a*b'],
  ['a?b', 'v: a?b'],
  ['a@b', 'v: a@b'],
  ['a`b', 'v: a`b'],
  ['!!str a', "v: '!!str a'"],
  ['<a>', 'v: <a>'],
  ['&amp;', "v: '&amp;'"],
  ['ab', 'v: ab'],
  ['é', 'v: é'],
  ['\ud7ff', 'v: \ud7ff'],
  ['\ue000', 'v: \ue000'],
  ['�', 'v: �'],
  ['true ', "v: 'true '"],
  ['No', 'v: "No"'],
  ['NO', 'v: "NO"'],
  ['ON', 'v: "ON"'],
  ['Off', 'v: "Off"'],
  ['FALSE', 'v: "FALSE"'],
  ['1,000', 'v: 1,000'],
  ['1.2.3', 'v: 1.2.3'],
  ['v1.2', 'v: v1.2'],
  ['1.2e', 'v: 1.2e'],
  ['0777', 'v: "0777"'],
  ['0o777', 'v: "0o777"'],
  ['-0', 'v: "-0"'],
  ['-0x1', 'v: "-0x1"'],
  ['-0b1', 'v: "-0b1"'],
  ['-017', 'v: "-017"'],
  ['+017', 'v: "+017"'],
  ['+0x1', 'v: "+0x1"'],
  ['.1e1', 'v: ".1e1"'],
  ['._1', 'v: ._1'],
  ['1._5', 'v: "1._5"'],
  ['2001-1-1', 'v: "2001-1-1"'],
  ['2001-1-1 1:1:1', 'v: "2001-1-1 1:1:1"'],
  ['2001-01-01 00:00:00 +1', 'v: 2001-01-01 00:00:00 +1'],
];

describe('YAML output – a short text – is quoted as upstream quotes it, and reads back', () => {
  for (const [text, yaml] of lines) {
    test(JSON.stringify(text), () => {
      assert.equal(toYaml({ v: text }), `${yaml}\n`);
      assert.deepEqual(readYaml(toYaml({ v: text })).value, { v: text });
    });
  }
});

/** Texts of several lines, long ones, and such with special characters: in `{"data": {key: text}}`. */
const blocks: readonly (readonly [key: string, text: string, yaml: string])[] = [
  [
    'cjk',
    '\u65e5\u672c\u8a9e \u65e5\u672c\u8a9e \u65e5\u672c\u8a9e \u65e5\u672c\u8a9e \u65e5\u672c\u8a9e \u65e5\u672c\u8a9e \u65e5\u672c\u8a9e \u65e5\u672c\u8a9e \u65e5\u672c\u8a9e \u65e5\u672c\u8a9e \u65e5\u672c\u8a9e \u65e5\u672c\u8a9e \u65e5\u672c\u8a9e \u65e5\u672c\u8a9e \u65e5\u672c\u8a9e \u65e5\u672c\u8a9e \u65e5\u672c\u8a9e \u65e5\u672c\u8a9e \u65e5\u672c\u8a9e \u65e5\u672c\u8a9e \u65e5\u672c\u8a9e \u65e5\u672c\u8a9e \u65e5\u672c\u8a9e \u65e5\u672c\u8a9e \u65e5\u672c\u8a9e \u65e5\u672c\u8a9e \u65e5\u672c\u8a9e \u65e5\u672c\u8a9e \u65e5\u672c\u8a9e \u65e5\u672c\u8a9e ',
    "data:\n  cjk: '\u65e5\u672c\u8a9e \u65e5\u672c\u8a9e \u65e5\u672c\u8a9e \u65e5\u672c\u8a9e \u65e5\u672c\u8a9e \u65e5\u672c\u8a9e \u65e5\u672c\u8a9e \u65e5\u672c\u8a9e \u65e5\u672c\u8a9e \u65e5\u672c\u8a9e \u65e5\u672c\u8a9e \u65e5\u672c\u8a9e \u65e5\u672c\u8a9e \u65e5\u672c\u8a9e \u65e5\u672c\u8a9e \u65e5\u672c\u8a9e \u65e5\u672c\u8a9e \u65e5\u672c\u8a9e \u65e5\u672c\u8a9e\n    \u65e5\u672c\u8a9e \u65e5\u672c\u8a9e \u65e5\u672c\u8a9e \u65e5\u672c\u8a9e \u65e5\u672c\u8a9e \u65e5\u672c\u8a9e \u65e5\u672c\u8a9e \u65e5\u672c\u8a9e \u65e5\u672c\u8a9e \u65e5\u672c\u8a9e \u65e5\u672c\u8a9e '\n",
  ],
  ['cr', 'a\r\nb', 'data:\n  cr: "a\\r\\nb"\n'],
  ['ctl', '\u0001\u0002\u001b[0m', 'data:\n  ctl: "\\x01\\x02\\e[0m"\n'],
  [
    'dq-long',
    '\tdelta kappa iota gamma zeta kappa theta lambda kappa beta kappa alpha theta epsilon iota delta delta mu theta iota iota theta eta lambda gamma delta lambda gamma iota eta mu alpha lambda beta gamma kappa alpha epsilon alpha epsilon theta kappa mu eta mu eta eta mu kappa theta gamma zeta beta alpha gamma theta delta epsilon lambda eta',
    'data:\n  dq-long: "\\tdelta kappa iota gamma zeta kappa theta lambda kappa beta kappa alpha\n    theta epsilon iota delta delta mu theta iota iota theta eta lambda gamma delta\n    lambda gamma iota eta mu alpha lambda beta gamma kappa alpha epsilon alpha epsilon\n    theta kappa mu eta mu eta eta mu kappa theta gamma zeta beta alpha gamma theta\n    delta epsilon lambda eta"\n',
  ],
  [
    'dq-long2',
    '\u0001xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx y zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz',
    'data:\n  dq-long2: "\\x01xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n    y zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz"\n',
  ],
  [
    'dspace',
    'ab  cd ab  cd ab  cd ab  cd ab  cd ab  cd ab  cd ab  cd ab  cd ab  cd ab  cd ab  cd ab  cd ab  cd ab  cd ab  cd ab  cd ab  cd ab  cd ab  cd ab  cd ab  cd ab  cd ab  cd ab  cd ab  cd ab  cd ab  cd ab  cd ab  cd ',
    "data:\n  dspace: 'ab  cd ab  cd ab  cd ab  cd ab  cd ab  cd ab  cd ab  cd ab  cd ab  cd ab  cd\n    ab  cd ab  cd ab  cd ab  cd ab  cd ab  cd ab  cd ab  cd ab  cd ab  cd ab  cd ab  cd\n    ab  cd ab  cd ab  cd ab  cd ab  cd ab  cd ab  cd '\n",
  ],
  ['emoji', '\ud83d\ude00 grin', 'data:\n  emoji: "\\U0001F600 grin"\n'],
  [
    'json',
    '{\n  "a": [\n    1,\n    2,\n    {\n      "b": "c"\n    }\n  ]\n}',
    'data:\n  json: |-\n    {\n      "a": [\n        1,\n        2,\n        {\n          "b": "c"\n        }\n      ]\n    }\n',
  ],
  ['leadnl', '\n\nlead\n', 'data:\n  leadnl: |2\n\n\n    lead\n'],
  ['leadspace', '  lead\nsecond\n', 'data:\n  leadspace: |2\n      lead\n    second\n'],
  ['lit-ctl', 'a\u0001\nb', 'data:\n  lit-ctl: "a\\x01\\nb"\n'],
  ['lit-emoji', 'a \ud83d\ude00\nb', 'data:\n  lit-emoji: "a \\U0001F600\\nb"\n'],
  [
    'lit-long',
    'delta kappa iota gamma zeta kappa theta lambda kappa beta kappa alpha theta epsilon iota delta delta mu theta iota iota theta eta lambda gamma delta lambda gamma iota eta mu alpha lambda beta gamma kappa alpha epsilon alpha epsilon theta kappa mu eta mu eta eta mu kappa theta gamma zeta beta alpha gamma theta delta epsilon lambda eta\ndelta kappa iota gamma zeta kappa theta lambda kappa beta kappa alpha theta epsilon iota delta delta mu theta iota iota theta eta lambda gamma delta lambda gamma iota eta mu alpha lambda beta gamma kappa alpha epsilon alpha epsilon theta kappa mu eta mu eta eta mu kappa theta gamma zeta beta alpha gamma theta delta epsilon lambda eta\n',
    'data:\n  lit-long: |\n    delta kappa iota gamma zeta kappa theta lambda kappa beta kappa alpha theta epsilon iota delta delta mu theta iota iota theta eta lambda gamma delta lambda gamma iota eta mu alpha lambda beta gamma kappa alpha epsilon alpha epsilon theta kappa mu eta mu eta eta mu kappa theta gamma zeta beta alpha gamma theta delta epsilon lambda eta\n    delta kappa iota gamma zeta kappa theta lambda kappa beta kappa alpha theta epsilon iota delta delta mu theta iota iota theta eta lambda gamma delta lambda gamma iota eta mu alpha lambda beta gamma kappa alpha epsilon alpha epsilon theta kappa mu eta mu eta eta mu kappa theta gamma zeta beta alpha gamma theta delta epsilon lambda eta\n',
  ],
  [
    'lit-long-uni',
    'delta kappa iota gamma zeta kappa theta lambda kappa beta kappa alpha theta epsilon iota delta delta mu theta iota iota theta eta lambda gamma delta lambda gamma iota eta mu alpha lambda beta gamma kappa alpha epsilon alpha epsilon theta kappa mu eta mu eta eta mu kappa theta gamma zeta beta alpha gamma theta delta epsilon lambda eta \u00e9\n\u2603delta kappa iota gamma zeta kappa theta lambda kappa beta kappa alpha theta epsilon iota delta delta mu theta iota iota theta eta lambda gamma delta lambda gamma iota eta mu alpha lambda beta gamma kappa alpha epsilon alpha epsilon theta kappa mu eta mu eta eta mu kappa theta gamma zeta beta alpha gamma theta delta epsilon lambda eta',
    'data:\n  lit-long-uni: |-\n    delta kappa iota gamma zeta kappa theta lambda kappa beta kappa alpha theta epsilon iota delta delta mu theta iota iota theta eta lambda gamma delta lambda gamma iota eta mu alpha lambda beta gamma kappa alpha epsilon alpha epsilon theta kappa mu eta mu eta eta mu kappa theta gamma zeta beta alpha gamma theta delta epsilon lambda eta \u00e9\n    \u2603delta kappa iota gamma zeta kappa theta lambda kappa beta kappa alpha theta epsilon iota delta delta mu theta iota iota theta eta lambda gamma delta lambda gamma iota eta mu alpha lambda beta gamma kappa alpha epsilon alpha epsilon theta kappa mu eta mu eta eta mu kappa theta gamma zeta beta alpha gamma theta delta epsilon lambda eta\n',
  ],
  [
    'long',
    'delta kappa iota gamma zeta kappa theta lambda kappa beta kappa alpha theta epsilon iota delta delta mu theta iota iota theta eta lambda gamma delta lambda gamma iota eta mu alpha lambda beta gamma kappa alpha epsilon alpha epsilon theta kappa mu eta mu eta eta mu kappa theta gamma zeta beta alpha gamma theta delta epsilon lambda eta',
    'data:\n  long: delta kappa iota gamma zeta kappa theta lambda kappa beta kappa alpha theta\n    epsilon iota delta delta mu theta iota iota theta eta lambda gamma delta lambda\n    gamma iota eta mu alpha lambda beta gamma kappa alpha epsilon alpha epsilon theta\n    kappa mu eta mu eta eta mu kappa theta gamma zeta beta alpha gamma theta delta\n    epsilon lambda eta\n',
  ],
  [
    'long-then-space',
    'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy z',
    'data:\n  long-then-space: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n    yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\n    z\n',
  ],
  [
    'longnospace',
    'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
    'data:\n  longnospace: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n',
  ],
  [
    'multi',
    'line one\nline two\n  indented\nlast\n',
    'data:\n  multi: |\n    line one\n    line two\n      indented\n    last\n',
  ],
  ['multikeep', 'a\nb\n\n\n', 'data:\n  multikeep: |+\n    a\n    b\n\n\n'],
  ['multinonl', 'a\nb', 'data:\n  multinonl: |-\n    a\n    b\n'],
  ['nl2', '\n\n', 'data:\n  nl2: |2+\n\n\n'],
  ['onlynl', '\n', 'data:\n  onlynl: |2+\n\n'],
  [
    'sq-long',
    '- delta kappa iota gamma zeta kappa theta lambda kappa beta kappa alpha theta epsilon iota delta delta mu theta iota iota theta eta lambda gamma delta lambda gamma iota eta mu alpha lambda beta gamma kappa alpha epsilon alpha epsilon theta kappa mu eta mu eta eta mu kappa theta gamma zeta beta alpha gamma theta delta epsilon lambda eta',
    "data:\n  sq-long: '- delta kappa iota gamma zeta kappa theta lambda kappa beta kappa alpha\n    theta epsilon iota delta delta mu theta iota iota theta eta lambda gamma delta\n    lambda gamma iota eta mu alpha lambda beta gamma kappa alpha epsilon alpha epsilon\n    theta kappa mu eta mu eta eta mu kappa theta gamma zeta beta alpha gamma theta\n    delta epsilon lambda eta'\n",
  ],
  [
    'sq-long2',
    "#xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx y   z  wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww 'q' ",
    "data:\n  sq-long2: '#xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n    y   z  wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww\n    ''q'' '\n",
  ],
  ['sq-multi', '# a\nb\n', 'data:\n  sq-multi: |\n    # a\n    b\n'],
  ['tab', 'a\tb', 'data:\n  tab: "a\\tb"\n'],
  ['tab2', 'a\tb\nc', 'data:\n  tab2: "a\\tb\\nc"\n'],
  ['trailspace', 'a  \nb \n', 'data:\n  trailspace: "a  \\nb \\n"\n'],
  [
    'uni-long',
    '\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9 \u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc',
    'data:\n  uni-long: \u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9 \u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc\n',
  ],
  [
    'url',
    'https://example.com/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/?q=1 2',
    'data:\n  url: https://example.com/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/?q=1\n    2\n',
  ],
  [
    'w79',
    'aaaaaaaaaa bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb ccc ddd',
    'data:\n  w79: aaaaaaaaaa bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\n    ccc ddd\n',
  ],
  [
    'w80',
    'aaaaaaaaaa bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb ccc ddd',
    'data:\n  w80: aaaaaaaaaa bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\n    ccc ddd\n',
  ],
  [
    'w81',
    'aaaaaaaaaa bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb ccc ddd',
    'data:\n  w81: aaaaaaaaaa bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\n    ccc ddd\n',
  ],
  [
    'w82',
    'aaaaaaaaaa bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb ccc ddd',
    'data:\n  w82: aaaaaaaaaa bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\n    ccc ddd\n',
  ],
  [
    'w83',
    'aaaaaaaaaa bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb ccc ddd',
    'data:\n  w83: aaaaaaaaaa bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\n    ccc ddd\n',
  ],
];

describe('YAML output – a long text, one of several lines – is written in the lines that upstream writes', () => {
  for (const [key, text, yaml] of blocks) {
    test(key, () => assert.equal(toYaml({ data: { [key]: text } }), yaml));
  }
});

test('YAML output – numbers – are those of Go', () => {
  const numbers = [0, -1, 1000000, 9007199254740993n, 9223372036854775807n, 1.5, 0.1, 1e21, 1.5e300, 1e-7];
  const large = [123456789.125, 100000000.5, 1000000.5, -2.5e-9, 12345.678, 0.0001, 0.00001];
  assert.equal(
    toYaml({ n: [...numbers, ...large] }),
    `"n":
- 0
- -1
- 1000000
- 9007199254740993
- 9223372036854775807
- 1.5
- 0.1
- 1e+21
- 1.5e+300
- 1e-07
- 1.23456789125e+08
- 1.000000005e+08
- 1.0000005e+06
- -2.5e-09
- 12345.678
- 0.0001
- 1e-05
`,
  );
});

test('YAML output – keys – stand in the order of Go, numbers in them by value, long ones behind a question mark', () => {
  const keys = [
    'f:a',
    '.',
    'a10',
    'a9',
    'B',
    'b',
    'a-b',
    'a.b',
    '10',
    '9',
    '',
    'true',
    'n',
    'é',
    'x'.repeat(129),
  ];
  const map = { 'a\nb': { c: [1] }, ...Object.fromEntries(keys.map((key) => [key, 1])) };
  assert.equal(
    toYaml(map),
    `"": 1
.: 1
"9": 1
"10": 1
B: 1
? |-
  a
  b
: c:
  - 1
a-b: 1
a.b: 1
a9: 1
a10: 1
b: 1
f:a: 1
"n": 1
"true": 1
? ${'x'.repeat(129)}
: 1
é: 1
`,
  );
});

test('YAML output – lists and maps in each other – are those of upstream', () => {
  const value = { empty: {}, list: [], nested: [[1, [2, []], {}], [{ a: 1, b: [{ c: null }] }]], b: true };
  const yaml = `b: true
empty: {}
list: []
nested:
- - 1
  - - 2
    - []
  - {}
- - a: 1
    b:
    - c: null
`;
  assert.equal(toYaml(value), yaml);
  assert.deepEqual(readYaml(yaml).value, value);
  assert.deepEqual([toYaml([]), toYaml({}), toYaml('a'), toYaml([1])], ['[]\n', '{}\n', 'a\n', '- 1\n']);
});
