import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { upstreamTable } from '#testing/upstream-table.ts';
import { scalarDecoders } from '../schema/decode-scalars.ts';
import { canonicalQuantity, parseQuantity, quantityMilliValue, quantityValue } from './quantity.ts';
import { QuantityError } from './quantity-notation.ts';

describe('quantities – printed – in upstream’s canonical form', () => {
  const cases: [string, string][] = [
    ['0', '0'],
    ['0Gi', '0'],
    ['0.5', '500m'],
    ['1000m', '1'],
    ['1500m', '1500m'],
    ['1024Mi', '1Gi'],
    ['1.5Gi', '1536Mi'],
    ['1000Ki', '1000Ki'],
    ['512', '512'],
    ['1Ki', '1Ki'],
    ['0.5Ki', '512'],
    ['1.5Ki', '1536'],
    ['100000', '100k'],
    ['12e6', '12e6'],
    ['1e3', '1e3'],
    ['1E', '1E'],
    ['1E3', '1E3'],
    ['-1', '-1'],
    ['+2', '+2'],
    ['1.500', '1.500'],
    ['1.125G', '1.125G'],
    ['.5', '500m'],
    ['5.', '5.'],
    ['0.1n', '1n'],
    ['999999999999999999999', '999999999999999999999'],
    ['16Ei', '9223372036854775807'],
    ['1e100', '10e99'],
    ['.', '0'],
    ['Ki', '0'],
    ['128974848', '128974848'],
    ['129M', '129M'],
    ['123Mi', '123Mi'],
  ];
  for (const [text, expected] of cases) {
    test(text, () => {
      assert.equal(canonicalQuantity(text), expected);
    });
  }
});

test('quantities – values and sums – are rounded up, keep the first format', () => {
  assert.equal(quantityValue('1100m'), 2);
  assert.equal(quantityValue('1Gi'), 1073741824);
  assert.equal(quantityMilliValue('0.1'), 100);
  assert.equal(quantityMilliValue('100u'), 1);
  assert.equal(quantityValue(undefined), 0);
  assert.equal(parseQuantity('1Gi').add(parseQuantity('512Mi')).toString(), '1536Mi');
  assert.equal(parseQuantity('1').sub(parseQuantity('250m')).toString(), '750m');
  assert.equal(parseQuantity('1').compare(parseQuantity('1000m')), 0);
  assert.ok(parseQuantity('2').compare(parseQuantity('1Ki')) < 0);
});

describe('quantities – invalid – have upstream’s message', () => {
  for (const text of ['', 'abc', '1 Gi', '10xi', '1.2.3']) {
    test(JSON.stringify(text), () => {
      assert.throws(() => parseQuantity(text), /quantities must match the regular expression/);
    });
  }
  for (const text of ['1mm', '1ki', '1Gi1']) {
    test(JSON.stringify(text), () => {
      assert.throws(() => parseQuantity(text), { name: 'QuantityError', message: /suffix/ });
    });
  }
  test('an exponent beyond 64 bits', () => {
    assert.throws(() => parseQuantity('1e9223372036854775808'), QuantityError);
  });
});

test('quantities – 5,000 texts – are stored byte for byte as by apimachinery, or rejected with its messages', () => {
  const refusals = new Map([
    ['!format', /^quantities must match the regular expression '/],
    ['!suffix', /^unable to parse quantity's suffix$/],
  ]);
  const rows = upstreamTable('quantities.tsv');
  assert.equal(rows.length, 5000);
  const differing = rows.filter(([input = '', stored = input]) => {
    try {
      return scalarDecoders.quantity(input) !== stored;
    } catch (error) {
      return !refusals.get(stored)?.test((error as Error).message);
    }
  });
  assert.deepEqual(differing, []);
});

test('quantities – 1,000 sums, differences, comparisons and roundings – are apimachinery’s', () => {
  for (const [a = '', b = '', sum, difference, order, thousandths, sign] of upstreamTable(
    'quantity-sums.tsv',
  )) {
    const [left, other] = [parseQuantity(a), parseQuantity(b)];
    const found = [
      left.add(other),
      left.sub(other),
      left.compare(other),
      left.roundedToThousandths(),
      left.sign(),
    ];
    assert.deepEqual(found.map(String), [sum, difference, order, thousandths, sign], `${a} and ${b}`);
  }
});

test('quantities – an exponent of any size – costs no memory and no time', () => {
  const huge = parseQuantity('1e2000000000');
  assert.ok(huge.compare(parseQuantity('1')) > 0);
  assert.equal(huge.add(parseQuantity('1')).toString(), '100e1999999998');
  assert.equal(huge.units(), 2n ** 63n - 1n);
  assert.equal(parseQuantity('1e-2000000000').toString(), '1e-9');
  assert.throws(() => parseQuantity('9'.repeat(100_000)), /numeric part/);
});
