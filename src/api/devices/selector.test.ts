/** Selectors of devices; facts of upstream's compile_test.go. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Device } from '../generated/types.gen.ts';
import { SelectorCache, SelectorFailure } from './selector.ts';

const driver = 'dra.example.com';
const selectors = new SelectorCache(10);
const named = (value: object, name = 'name') => ({ attributes: { [name]: value } });
const memory = { capacity: { memory: { value: '1Mi' } } };
const dra = 'device.attributes["dra.example.com"]';

const rows: [expression: string, device: Partial<Device>, expected: boolean | string][] = [
  ['true', {}, true],
  ['false', {}, false],
  ['?!', {}, 'CEL compile error: compilation failed: ERROR: <input>:1:1: Syntax error: '],
  ['1', {}, 'CEL compile error: must evaluate to bool or the unknown type, not int'],
  ['device.driver == "dra.example.com"', {}, true],
  ['device.allowMultipleAllocations', {}, false],
  ['device.allowMultipleAllocations', { allowMultipleAllocations: true }, true],
  ['device.attributes["no"].such.isGreaterThan(quantity("0"))', {}, 'CEL runtime error: no such key: such'],
  ['"no-such-domain" in device.attributes', {}, false],
  ['"dra.example.com" in device.attributes', named({ bool: true }), true],
  ['"other.example.com" in device.attributes', named({ bool: true }, 'other.example.com/name'), true],
  [`${dra}.name`, named({ bool: true }), true],
  [`${dra}["name"]`, named({ bool: true }), true],
  [`cel.bind(dra, ${dra}, dra.name)`, named({ bool: true }), true],
  ['device.attributes["other.example.com"].name', named({ bool: true }, 'other.example.com/name'), true],
  [
    'cel.bind(1, 2, true)',
    {},
    'CEL compile error: compilation failed: ERROR: <input>:1:10: cel.bind() variable names must be',
  ],
  [
    '"x".bind(1, 2, 3)',
    {},
    'CEL compile error: compilation failed: ERROR: <input>:1:9: undeclared reference to',
  ],
  [`${dra}.name > 0`, named({ int: 1 }), true],
  [`${dra}.name == "fish"`, named({ string: 'fish' }), true],
  [`${dra}.name.isGreaterThan(semver("0.0.1"))`, named({ version: '1.0.0' }), true],
  [
    `${dra}.name`,
    named({ strings: ['fish'] }),
    'CEL runtime error: attribute name: unsupported attribute value',
  ],
  [`device.capacity["dra.example.com"].memory.isGreaterThan(quantity("1Ki"))`, memory, true],
  [`device.capacity["dra.example.com"].memory.compareTo(quantity("1Mi")) > 0`, memory, false],
  [`${dra}.name`, named({ string: 'fish' }), 'CEL runtime error: CEL result could not be converted to bool'],
  [`has(${dra}.name)`, {}, false],
  ['has(device.attributes.nowhere)', {}, true],
];
for (const [expression, device, expected] of rows) {
  test(`a selector – ${expression} of ${JSON.stringify(device)} – ${expected}`, () => {
    const run = () => selectors.get(expression).matches(driver, { name: 'd', ...device });
    if (typeof expected === 'boolean') assert.equal(run(), expected);
    else {
      assert.throws(run, (error) => error instanceof SelectorFailure && error.message.startsWith(expected));
    }
  });
}

test('compiled selectors – more than the cache holds – the one used longest ago is compiled again', () => {
  const cache = new SelectorCache(2);
  const first = cache.get('true');
  const second = cache.get('false');
  assert.equal(cache.get('true'), first);
  cache.get('1 == 1');
  assert.equal(cache.get('true'), first);
  assert.notEqual(cache.get('false'), second);
});

test('a device – the same object in slices of two drivers – is each driver’s own', () => {
  const device = { name: 'd', attributes: { size: { int: 1 } } };
  const selector = selectors.get(
    'device.driver == "a.example.com" && device.attributes["a.example.com"].size == 1',
  );
  assert.deepEqual(
    [selector.matches('b.example.com', device), selector.matches('a.example.com', device)],
    [false, true],
  );
});
