import assert from 'node:assert/strict';
import { test } from 'node:test';
import { highestVersion, isLess } from './driver-version.ts';

const chosen: [versions: string[], highest: string][] = [
  [['1.0.0'], '1.0.0'],
  [['v1.2'], '1.2.0'],
  [['0.3.0', '1.0.0', '1.11.0', '1.9.0'], '1.11.0'],
  [['1.1.0', '2.0.0'], '1.1.0'],
  [['nonsense', '1.1.0-rc1'], '1.1.0'],
];
for (const [versions, highest] of chosen) {
  test(`version – ${versions.join()} – ${highest}`, () => {
    const { major, minor, patch } = highestVersion(versions);
    assert.equal(`${major}.${minor}.${patch}`, highest);
  });
}

const refused: [versions: string[], message: RegExp][] = [
  [[], /could not find a highest supported version from versions \(\[\]\) reported: <nil>/],
  [['0.3.0'], /highest supported version reported is 0\.3\.0, must be v1\.x/],
  [['2.0.0', 'abc'], /from versions \(\[2\.0\.0 abc\]\) reported: could not parse "abc" as version/],
];
for (const [versions, message] of refused) {
  test(`version – ${versions.join() || 'none'} – refused`, () => {
    assert.throws(() => highestVersion(versions), { message });
  });
}

test('version – compared – number by number', () => {
  assert.ok(isLess(highestVersion(['1.9.9']), highestVersion(['1.10.0'])));
  assert.ok(!isLess(highestVersion(['1.1.0']), highestVersion(['1.1.0'])));
});
