import assert from 'node:assert/strict';
import test from 'node:test';
import { amountText, identifierText, pointerText } from './metric-texts.ts';

for (const [thousandths, resource, expected] of [
  [1_500n, 'cpu', '1500m'],
  [2_000n, 'cpu', '2'],
  [1_073_741_824_000n, 'memory', '1Gi'],
  [1_073_741_824_000n, '', '1073741824'],
] as const) {
  test(`an amount of ${thousandths} thousandths of ${resource || 'anything'} – is printed as ${expected}`, () => {
    assert.equal(amountText(thousandths, resource), expected);
  });
}

test('a metric – with and without a selector – is printed as Go prints its pointer', () => {
  assert.equal(pointerText(undefined), 'nil');
  assert.equal(identifierText({ name: 'qps' }), 'qps(nil)');
  assert.match(
    identifierText({ name: 'qps', selector: { matchLabels: { app: 'web' } } }),
    /^qps\(&LabelSelector\{MatchLabels:map\[string\]string\{app: web,\},/,
  );
});
